using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;

namespace Switcher.Hv.Paging;

/// <summary>The single pages that every guest's address space treats in its own way.</summary>
public readonly struct SpecialPages
{
    /// <summary>The local APIC's page: the base address in IA32_APIC_BASE.</summary>
    public GuestPhysicalAddress Apic { get; init; }

    /// <summary>Read where writes are to exit, otherwise ReadWrite.</summary>
    public Access ApicAccess { get; init; }

    /// <summary>
    /// A page of the hypervisor's that a processor runs while it waits for SIPI, at the same address in every space; 0 if there is none.
    /// </summary>
    public HostPhysicalAddress Wait { get; init; }
}

/// <summary>What all address spaces of one machine are built from.</summary>
public readonly ref struct AddressSpaceParts<TFormat, TMemory>
    where TFormat : struct, IPageFormat
    where TMemory : struct, IPhysicalMemory
{
    /// <summary>The whole physical address space mapped to itself: the base.</summary>
    public NestedPageTable<TFormat, TMemory> Identity { get; init; }

    /// <summary>The firmware's map as it was last, in any order.</summary>
    public ReadOnlySpan<MemoryDescriptor> FirmwareMap { get; init; }

    /// <summary>Who owns what.</summary>
    public MemoryPlan Plan { get; init; }

    /// <summary>The APIC and wait pages.</summary>
    public SpecialPages Special { get; init; }

    /// <summary>What stands behind foreign memory.</summary>
    public AllOnesPages AllOnes { get; init; }
}

/// <summary>
/// Builds the nested page tables of the machine and of each guest.
/// <list type="bullet">
/// <item>
/// What the firmware's map does not call RAM is mapped to itself, also the memory of type Reserved: device windows (ECAM, stolen graphics
/// memory) hide behind it.
/// </item>
/// <item>A guest's partition is mapped to itself.</item>
/// <item>The hypervisor and the other partitions read as all ones.</item>
/// <item>
/// A guest sees private copies of the first 640 KiB and of the ACPI tables, the ACPI NVS memory itself, whose contents are exchanged when
/// the machine's owner changes, and of the rest of the firmware's RAM all ones.
/// </item>
/// </list>
/// </summary>
public static class GuestAddressSpace
{
    /// <summary>What a guest has of its own from address 0 on, in bytes.</summary>
    public const ulong LowMemoryBytes = LowWindow.ConventionalEnd;

    /// <summary>
    /// The map of the whole physical address space to itself, which is the base that all others share. One page for each 512 GiB that the
    /// processor can address, if it has pages of 1 GiB; without them up to 512 GiB are mapped, at a page for each GiB. Four levels reach
    /// 2^48: a guest must be told of no more address bits than that.
    /// </summary>
    /// <param name="physicalAddressBits">CPUID.80000008H:EAX[7:0].</param>
    /// <param name="largestPage">The largest page that the processor supports: one of <see cref="PageSize"/>, not the smallest.</param>
    /// <param name="types">The memory types, for a format that has them.</param>
    /// <param name="arena">Where the pages come from; all guests share them.</param>
    /// <param name="table">The table, not to be changed: share it.</param>
    public static PageTableStatus TryBuildIdentity<TFormat, TMemory>(
        int physicalAddressBits, ulong largestPage, in MtrrMap types, ref PageArena arena, out NestedPageTable<TFormat, TMemory> table)
        where TFormat : struct, IPageFormat
        where TMemory : struct, IPhysicalMemory
    {
        PageTableStatus status = NestedPageTable<TFormat, TMemory>.TryCreate(ref arena, largestPage, out table);
        ulong limit = 1UL << HypervisorMemory.MappedAddressBits(physicalAddressBits, largestPage);
        for (ulong address = 0; address < limit && status == PageTableStatus.Ok;)
        {
            ulong end = limit;
            CacheType type = TFormat.EncodesMemoryType ? types.TypeOf(address, limit, out end) : CacheType.WriteBack;
            status = table.MapIdentity(MemoryRange.FromBounds(address, end), Access.ReadWriteExecute, type, ref arena);
            address = end;
        }

        return status;
    }

    /// <summary>The space of the firmware: the machine without the hypervisor.</summary>
    public static PageTableStatus TryBuildBoot<TFormat, TMemory>(
        in AddressSpaceParts<TFormat, TMemory> parts, ref PageArena arena, out NestedPageTable<TFormat, TMemory> table)
        where TFormat : struct, IPageFormat
        where TMemory : struct, IPhysicalMemory
    {
        PageTableStatus status = parts.Identity.TryShare(ref arena, out table);
        if (status == PageTableStatus.Ok)
            status = table.MapAllOnes(parts.Plan.Hypervisor, parts.AllOnes, ref arena);
        return status == PageTableStatus.Ok ? MapSpecial(table, parts.Special, ref arena) : status;
    }

    /// <summary>The space of a guest in the run phase.</summary>
    /// <param name="parts">What it is built from.</param>
    /// <param name="guest">Its index in the plan.</param>
    /// <param name="copies">
    /// Backing for <see cref="LowMemoryBytes"/> from address 0 on, and for each range of ACPI tables in the map; one may span several
    /// ranges.
    /// </param>
    /// <param name="arena">Where the guest's own table pages come from.</param>
    /// <param name="table">The table.</param>
    public static PageTableStatus TryBuild<TFormat, TMemory>(
        in AddressSpaceParts<TFormat, TMemory> parts,
        int guest,
        ReadOnlySpan<PrivateCopy> copies,
        ref PageArena arena,
        out NestedPageTable<TFormat, TMemory> table)
        where TFormat : struct, IPageFormat
        where TMemory : struct, IPhysicalMemory
    {
        PageTableStatus status = parts.Identity.TryShare(ref arena, out table);

        // Neighbours are hidden together, so that what is hidden costs as few small pages as can be.
        MemoryRange hidden = default;
        foreach (MemorySegment segment in new MemorySweep(parts.FirmwareMap, parts.Plan))
        {
            if (status != PageTableStatus.Ok)
                return status;
            if (IsHidden(segment, guest))
            {
                if (segment.Range.Start != hidden.End)
                {
                    status = table.MapAllOnes(hidden, parts.AllOnes, ref arena);
                    hidden = new MemoryRange(segment.Range.Start, 0);
                }

                hidden = MemoryRange.FromBounds(hidden.Start, segment.Range.End);
            }
            else if (IsCopied(segment) && !IsCovered(segment.Range, copies))
            {
                status = PageTableStatus.MissingPrivateCopy;
            }
        }

        if (status == PageTableStatus.Ok)
            status = table.MapAllOnes(hidden, parts.AllOnes, ref arena);
        if (status == PageTableStatus.Ok)
            status = MapCopies(table, copies, ref arena);
        return status == PageTableStatus.Ok ? MapSpecial(table, parts.Special, ref arena) : status;
    }

    private static PageTableStatus MapCopies<TFormat, TMemory>(
        in NestedPageTable<TFormat, TMemory> table, ReadOnlySpan<PrivateCopy> copies, ref PageArena arena)
        where TFormat : struct, IPageFormat
        where TMemory : struct, IPhysicalMemory
    {
        bool isCovered = IsCovered(new MemoryRange(0, LowMemoryBytes), copies);
        PageTableStatus status = isCovered ? PageTableStatus.Ok : PageTableStatus.MissingPrivateCopy;
        foreach (ref readonly PrivateCopy copy in copies)
        {
            var guest = new GuestPhysicalAddress(copy.GuestStart);
            if (status == PageTableStatus.Ok)
                status = table.Map(guest, copy.Backing, copy.Length, Access.ReadWriteExecute, CacheType.WriteBack, ref arena);
        }

        return status;
    }

    private static PageTableStatus MapSpecial<TFormat, TMemory>(
        in NestedPageTable<TFormat, TMemory> table, in SpecialPages special, ref PageArena arena)
        where TFormat : struct, IPageFormat
        where TMemory : struct, IPhysicalMemory
    {
        var apic = new MemoryRange(special.Apic.Value, PageSize.Small);
        PageTableStatus status = table.MapIdentity(apic, special.ApicAccess, CacheType.Uncacheable, ref arena);
        if (status != PageTableStatus.Ok || special.Wait.IsNull)
            return status;
        return table.MapIdentity(new MemoryRange(special.Wait.Value, PageSize.Small), Access.ReadExecute, CacheType.WriteBack, ref arena);
    }

    private static bool IsHidden(in MemorySegment segment, int guest)
    {
        if (segment.Owner == OwnerKind.Hypervisor)
            return true;
        if (segment.Owner == OwnerKind.Guest)
            return segment.Guest != guest;
        return segment.IsDescribed && segment.Range.Start >= LowMemoryBytes && IsFirmwareRam(segment.Type);
    }

    private static bool IsCopied(in MemorySegment segment) =>
        segment.IsDescribed
        && segment.Owner is not OwnerKind.Guest
        && segment.Range.Start >= LowMemoryBytes
        && segment.Type is MemoryType.AcpiReclaim;

    /// <summary>
    /// RAM that is the firmware's own. Of its runtime memory a guest sees nothing either: its runtime services are in its partition.
    /// </summary>
    private static bool IsFirmwareRam(MemoryType type) => type switch
    {
        MemoryType.Reserved or MemoryType.AcpiReclaim or MemoryType.AcpiNvs => false,
        MemoryType.MemoryMappedIo or MemoryType.MemoryMappedIoPortSpace or MemoryType.PalCode => false,
        > MemoryType.Unaccepted and < MemoryType.FirstOemReserved => false,
        _ => true,
    };

    private static bool IsCovered(MemoryRange range, ReadOnlySpan<PrivateCopy> copies)
    {
        foreach (ref readonly PrivateCopy copy in copies)
        {
            if (copy.GuestRange.Contains(range))
                return true;
        }

        return false;
    }
}

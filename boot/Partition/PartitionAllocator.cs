using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;

namespace Switcher.Boot.Partition;

/// <summary>UEFI 2.10, 7.2.1 EFI_BOOT_SERVICES.AllocatePages(): EFI_ALLOCATE_TYPE. Open: a loader may pass anything.</summary>
public enum AllocateType : uint
{
    AnyPages = 0,
    MaxAddress = 1,
    Address = 2,
}

/// <summary>What AllocatePages() and FreePages() answer, by their UEFI names.</summary>
public enum AllocationStatus
{
    Success,
    InvalidParameter,
    OutOfResources,
    NotFound,
}

/// <summary>The part of a <see cref="PartitionAllocator"/> that lives on between calls, beside its table.</summary>
public struct PartitionAllocatorState
{
    internal int Count;

    /// <summary>Grows with every change: what the guest's map key is made of.</summary>
    public ulong Generation { get; internal set; }
}

/// <summary>
/// Pages of a guest's partition, typed as UEFI does it (UEFI 2.10, 7.2 "Memory Allocation Services"), for the loader of that guest: a
/// sorted table that covers the whole partition and the low window. Free pages are conventional memory. A view of
/// storage that the caller keeps.
/// </summary>
public readonly ref struct PartitionAllocator
{
    private const ulong FourGibibytes = 4 * PageSize.Huge;
    private const ulong OneMebibyte = 1024 * 1024;

    private readonly ref PartitionAllocatorState state;
    private readonly Span<MemoryDescriptor> table;

    /// <param name="state">Zeroed before the first use.</param>
    /// <param name="table">Its length is the number of differently used ranges that there can be.</param>
    public PartitionAllocator(ref PartitionAllocatorState state, Span<MemoryDescriptor> table)
    {
        this.state = ref state;
        this.table = table;
    }

    /// <summary>The ranges, sorted, without overlaps, neighbours of one kind merged.</summary>
    public ReadOnlySpan<MemoryDescriptor> Descriptors => table[..state.Count];

    public ulong Generation => state.Generation;

    /// <summary>Makes everything free: the partition of <paramref name="guest"/> and the low window.</summary>
    public AllocationStatus Initialize(in MemoryPlan plan, int guest)
    {
        state.Count = 0;
        foreach (ref readonly PlannedRange planned in plan.Ranges)
        {
            if (!planned.BelongsTo(guest) && planned.Owner != OwnerKind.LowWindow)
                continue;
            if (state.Count == table.Length)
                return AllocationStatus.OutOfResources;
            table[state.Count] = new MemoryDescriptor(MemoryType.Conventional, planned.Range, MemoryAttributes.Default);
            state.Count++;
        }

        state.Generation++;
        return AllocationStatus.Success;
    }

    /// <summary>Whether <paramref name="address"/> is the allocator's, free or not: what is not is the firmware's to free.</summary>
    public bool Contains(ulong address) => IndexOf(address) >= 0;

    /// <summary>UEFI 2.10, 7.2.1 EFI_BOOT_SERVICES.AllocatePages().</summary>
    /// <param name="type">Which addresses will do.</param>
    /// <param name="memoryType">What the pages become.</param>
    /// <param name="pages">How many.</param>
    /// <param name="address">In: the highest or the exact address, where <paramref name="type"/> asks for one. Out: the first page's
    /// address.</param>
    public AllocationStatus Allocate(AllocateType type, MemoryType memoryType, ulong pages, ref ulong address)
    {
        if (!IsAllocatable(memoryType))
            return AllocationStatus.InvalidParameter;

        ulong found;
        switch (type)
        {
            case AllocateType.AnyPages:
                // Below 4 GiB first: old loaders and kernels do not look beyond. The low window is too precious for those that do not ask
                // for it.
                if (!TryFindHighest(OneMebibyte, FourGibibytes, pages, out found)
                    && !TryFindHighest(FourGibibytes, ulong.MaxValue, pages, out found))
                    return AllocationStatus.OutOfResources;
                break;
            case AllocateType.MaxAddress:
                ulong end = address == ulong.MaxValue ? address : address + 1;
                if (!TryFindHighest(0, end, pages, out found))
                    return AllocationStatus.OutOfResources;
                break;
            case AllocateType.Address:
                if (!IsFree(address, pages))
                    return AllocationStatus.NotFound;
                found = address;
                break;
            default:
                return AllocationStatus.InvalidParameter;
        }

        if (!TryConvert(new MemoryRange(found, pages * PageSize.Small), memoryType))
            return AllocationStatus.OutOfResources;
        address = found;
        return AllocationStatus.Success;
    }

    /// <summary>
    /// UEFI 2.10, 7.2.2 EFI_BOOT_SERVICES.FreePages(). The pages may be a part of one allocation, or several that adjoin.
    /// </summary>
    public AllocationStatus Free(ulong address, ulong pages)
    {
        if (pages == 0 || address % PageSize.Small != 0 || pages > (ulong.MaxValue - address) / PageSize.Small)
            return AllocationStatus.InvalidParameter;

        MemoryRange range = new(address, pages * PageSize.Small);
        for (ulong next = range.Start; next < range.End;)
        {
            int index = IndexOf(next);
            if (index < 0 || table[index].Type == MemoryType.Conventional)
                return AllocationStatus.NotFound;
            next = table[index].Range.End;
        }

        return TryConvert(range, MemoryType.Conventional) ? AllocationStatus.Success : AllocationStatus.OutOfResources;
    }

    /// <summary>UEFI 2.10, 7.2.1: the types that may be asked for. From 0x70000000 on they are the OEM's and the loaders' own.</summary>
    private static bool IsAllocatable(MemoryType type) =>
        type <= MemoryType.PalCode ? type != MemoryType.Conventional : type >= MemoryType.FirstOemReserved;

    private bool TryFindHighest(ulong lowest, ulong end, ulong pages, out ulong address)
    {
        address = 0;
        if (pages == 0)
            return false;

        for (int i = state.Count - 1; i >= 0; i--)
        {
            MemoryRange range = table[i].Range;
            ulong from = Math.Max(range.Start, lowest);
            ulong to = PageSize.AlignDown(Math.Min(range.End, end), PageSize.Small);
            if (table[i].Type != MemoryType.Conventional || to <= from || (to - from) / PageSize.Small < pages)
                continue;
            address = to - (pages * PageSize.Small);
            return true;
        }

        return false;
    }

    private bool IsFree(ulong address, ulong pages)
    {
        int index = IndexOf(address);
        return index >= 0
            && pages != 0
            && address % PageSize.Small == 0
            && table[index].Type == MemoryType.Conventional
            && (table[index].Range.End - address) / PageSize.Small >= pages;
    }

    private int IndexOf(ulong address)
    {
        for (int i = 0; i < state.Count; i++)
        {
            if (table[i].Range.Contains(address))
                return i;
        }

        return -1;
    }

    /// <summary>Gives every page of a range that the table covers a new type, unless the table has no room for the pieces.</summary>
    private bool TryConvert(MemoryRange range, MemoryType type)
    {
        // At most two entries are split, at the range's ends.
        if (state.Count + 2 > table.Length)
            return false;

        SplitAt(range.Start);
        SplitAt(range.End);
        for (int i = 0; i < state.Count; i++)
        {
            if (!range.Contains(table[i].Range))
                continue;
            table[i].Type = type;
            table[i].Attribute = MemoryAttributes.Default | (IsRuntime(type) ? MemoryAttributes.Runtime : MemoryAttributes.None);
        }

        Merge();
        state.Generation++;
        return true;
    }

    private static bool IsRuntime(MemoryType type) => type is MemoryType.RuntimeServicesCode or MemoryType.RuntimeServicesData;

    private void SplitAt(ulong address)
    {
        int index = IndexOf(address);
        if (index < 0 || table[index].PhysicalStart == address)
            return;

        for (int i = state.Count; i > index; i--)
            table[i] = table[i - 1];
        state.Count++;
        MemoryDescriptor whole = table[index];
        table[index] = new MemoryDescriptor(whole.Type, MemoryRange.FromBounds(whole.PhysicalStart, address), whole.Attribute);
        table[index + 1] = new MemoryDescriptor(whole.Type, MemoryRange.FromBounds(address, whole.Range.End), whole.Attribute);
    }

    private void Merge()
    {
        int last = 0;
        for (int i = 1; i < state.Count; i++)
        {
            if (table[last].Range.End == table[i].PhysicalStart && table[last].Type == table[i].Type)
                table[last].NumberOfPages += table[i].NumberOfPages;
            else
                table[++last] = table[i];
        }

        state.Count = last + 1;
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Switcher.Hv.Paging;
using Switcher.Tests.Boot.Memory;
using Xunit;

namespace Switcher.Tests.Hv.Paging;

/// <summary>
/// A machine with a plan, and what all guests' page tables are made from. What is not RAM of the machine lies above 2^40.
/// </summary>
/// <typeparam name="TFormat">The kind of page tables.</typeparam>
internal sealed class PlannedMachine<TFormat>
    where TFormat : struct, IPageFormat
{
    public readonly MemoryDescriptor[] Map;
    public readonly NestedPageTable<TFormat, TestMemory> Identity;
    public readonly AllOnesPages AllOnes;

    /// <summary>
    /// One for low memory, then one for each range of ACPI tables, all at <see cref="PlannedMachine.CopiesStart"/> and their own address.
    /// </summary>
    public readonly PrivateCopy[] Copies;
    public readonly SpecialPages Special;
    public PageArena Arena;
    private readonly PlannedRange[] plan;

    public PlannedMachine(MemoryDescriptor[] map, int guests, ulong largestPage)
    {
        TestMemory.Clear();
        Map = map;
        MemoryPlanner.Plan(map, new MemoryRequest[guests], 16 << 20, 0, new PlannedRange[MemoryPlanner.TableEntries], out MemoryPlan view);
        plan = view.Ranges.ToArray();
        Arena = new PageArena(new MemoryRange(PlannedMachine.ArenaStart, 0x1000_0000));
        MtrrMap types = new(0xC06, Enumerable.Repeat(0x0606060606060606UL, MtrrMap.FixedRegisters).ToArray(), [], 40);
        Assert.Equal(PageTableStatus.Ok, AllOnesPages.TryCreate<TFormat, TestMemory>(ref Arena, out AllOnes));
        Assert.Equal(PageTableStatus.Ok, GuestAddressSpace.TryBuildIdentity(40, largestPage, types, ref Arena, out Identity));
        Copies = [.. map.Where(d => d.Type is MemoryType.AcpiReclaim)
            .Select(d => d.Range).Prepend(new MemoryRange(0, GuestAddressSpace.LowMemoryBytes))
            .Select(r => new PrivateCopy { GuestStart = r.Start, Length = r.Length,
            Backing = new HostPhysicalAddress(PlannedMachine.CopiesStart + r.Start) })];
        Special = new SpecialPages
        {
            Apic = new GuestPhysicalAddress(PlannedMachine.Apic),
            ApicAccess = Access.Read,
            Wait = new HostPhysicalAddress(view.Hypervisor.Start),
        };
    }

    public bool IsPlanned => plan.Length > 0;

    public MemoryPlan Plan => new(plan);

    public AddressSpaceParts<TFormat, TestMemory> Parts =>
        new() { Identity = Identity, FirmwareMap = Map, Plan = Plan, Special = Special, AllOnes = AllOnes };

    public PageTableStatus TryBuild(int guest, PrivateCopy[] copies, out NestedPageTable<TFormat, TestMemory> table)
        => GuestAddressSpace.TryBuild(Parts, guest, copies, ref Arena, out table);

    /// <summary>Addresses at and around every boundary, and random ones.</summary>
    public IEnumerable<ulong> Interesting(int seed)
    {
        List<ulong> addresses =
        [
            0, 0x9FFFF, 0xA0000, 0xFFFFF, 0x100000, PlannedMachine.Apic - 1, PlannedMachine.Apic, PlannedMachine.Apic + 0x1000, 0xFFFFFFFF,
            1UL << 32, (1UL << 36) + 5,
        ];
        foreach (MemoryRange range in Map.Select(d => d.Range).Concat(plan.Select(p => p.Range)))
            addresses.AddRange([range.Start, range.Start + 1, range.End - 1, range.End, range.Start - 1]);
        Random random = new(seed);
        for (int i = 0; i < 500; i++)
            addresses.Add((ulong)random.NextInt64(0, 1L << random.Next(12, 37)));
        return addresses.Where(a => a < 1UL << 39);
    }
}

/// <summary>Where things are in every <see cref="PlannedMachine{TFormat}"/>.</summary>
internal static class PlannedMachine
{
    public const ulong ArenaStart = 0x200_0000_0000;
    public const ulong CopiesStart = 0x310_0000_0000;
    public const ulong Apic = 0xFEE0_0000;

    /// <summary>All host-physical memory that a table allows to write, read from its entries; sorted and merged.</summary>
    public static List<MemoryRange> Writable(in NestedPageTable<NptFormat, TestMemory> table)
    {
        List<MemoryRange> ranges = [];
        Collect(table.Root, 4, ranges, []);
        ranges.Sort((left, right) => left.Start.CompareTo(right.Start));
        List<MemoryRange> merged = [];
        foreach (MemoryRange range in ranges)
        {
            if (merged.Count > 0 && merged[^1].End >= range.Start)
                merged[^1] = MemoryRange.FromBounds(merged[^1].Start, Math.Max(merged[^1].End, range.End));
            else
                merged.Add(range);
        }

        return merged;
    }

    private static void Collect(HostPhysicalAddress table, int level, List<MemoryRange> ranges, HashSet<ulong> visited)
    {
        // What a table maps does not depend on where it is used.
        if (!visited.Add(table.Value))
            return;
        for (ulong i = 0; i < PageEntry.Count; i++)
        {
            ulong entry = TestMemory.At<ulong>(table + (i * sizeof(ulong)));
            if (!PageEntry.IsPresent(entry))
                continue;
            if (PageEntry.IsTable(entry, level))
                Collect(PageEntry.Address(entry), level - 1, ranges, visited);
            else if ((PageEntry<NptFormat>.AccessOf(entry) & Access.ReadWrite) == Access.ReadWrite)
                ranges.Add(new MemoryRange(PageEntry.Address(entry).Value, PageEntry.Span(level)));
        }
    }
}

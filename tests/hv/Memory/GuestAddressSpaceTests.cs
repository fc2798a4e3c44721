using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Switcher.Hv.Memory;
using Xunit;

namespace Switcher.Tests.Hv.Memory;

public sealed class GuestAddressSpaceTests
{
    private const ulong Arena = 0x200_0000_0000;
    private const ulong Copies = 0x310_0000_0000;
    private const ulong Wait = 0x320_0000_0000;
    private const ulong Apic = 0xFEE00000;

    [Fact]
    public void Build_AnyMapNpt_TranslatesEveryAddressByTheRules() =>
        Gen.Select(FirmwareMaps.Random, Gen.Int[2, 4], Gen.Int).Sample((map, guests, seed) => Check<NptFormat>(map, guests, seed, PageSize.Huge), iter: 60);

    [Fact]
    public void Build_AnyMapEpt_TranslatesEveryAddressByTheRules() =>
        Gen.Select(FirmwareMaps.Random, Gen.Int[2, 4], Gen.Int).Sample((map, guests, seed) => Check<EptFormat>(map, guests, seed, PageSize.Large), iter: 30);

    private static void Check<TFormat>(MemoryDescriptor[] map, int guests, int seed, ulong largestPage)
        where TFormat : struct, IPageFormat
    {
        TestMemory.Clear();
        PlannedRange[] entries = new PlannedRange[MemoryPlanner.TableEntries];
        if (MemoryPlanner.Plan(map, new MemoryRequest[guests], 16 << 20, 0, entries, out MemoryPlan plan).Status != PlanStatus.Ok)
            return;

        PageArena arena = new(new MemoryRange(Arena, 0x1000_0000));
        MtrrMap types = new(0xC00, new ulong[MtrrMap.FixedRegisters], [], 40);
        Assert.Equal(PageTableStatus.Ok, AllOnesPages.TryCreate<TFormat, TestMemory>(ref arena, out AllOnesPages allOnes));
        Assert.Equal(PageTableStatus.Ok, GuestAddressSpace.TryBuildIdentity(40, largestPage, types, ref arena, out NestedPageTable<TFormat, TestMemory> identity));
        PrivateCopy[] copies = [.. map.Where(d => d.Type is MemoryType.AcpiNvs or MemoryType.AcpiReclaim)
            .Select(d => d.Range).Prepend(new MemoryRange(0, GuestAddressSpace.LowMemoryBytes))
            .Select(r => new PrivateCopy { GuestStart = r.Start, Length = r.Length, Backing = new HostPhysicalAddress(Copies + r.Start) })];
        SpecialPages special = new()
        {
            Apic = new GuestPhysicalAddress(Apic),
            ApicAccess = Access.Read,
            Wait = new HostPhysicalAddress(plan.Hypervisor.Start),
        };
        for (int guest = 0; guest < guests; guest++)
        {
            ulong before = arena.Used;
            GuestPlacement placement = new()
            {
                Guest = guest,
                Kind = guest == 0 ? GuestKind.Last : GuestKind.Parked,
            };
            Assert.Equal(PageTableStatus.Ok, GuestAddressSpace.TryBuild(identity, map, plan, placement, copies, special, allOnes, ref arena, out var table));
            Assert.True(arena.Used - before < 400, $"{arena.Used - before}");
            foreach (ulong address in Interesting(map, plan, seed))
            {
                bool mapped = table.TryTranslate(new GuestPhysicalAddress(address), out Translation translation);
                (ulong host, Access access) = Expected(map, plan, guest, placement.Kind, allOnes, address);
                Assert.True(mapped);
                Assert.Equal($"{host:x} {access}", $"{translation.Address.Value:x} {translation.Access}");
            }
        }
    }

    private static (ulong Host, Access Access) Expected(
        MemoryDescriptor[] map, in MemoryPlan plan, int guest, GuestKind kind, in AllOnesPages allOnes, ulong address)
    {
        (ulong, Access) ones = (allOnes.Page.Value + (address % PageSize.Small), Access.ReadExecute);
        (ulong, Access) same = (address, Access.ReadWriteExecute);
        if (address / PageSize.Small == Apic / PageSize.Small)
            return (address, Access.Read);
        if (address - plan.Hypervisor.Start < PageSize.Small)
            return (address, Access.ReadExecute);
        if (kind == GuestKind.Parked && address < 0xA0000)
            return (Copies + address, Access.ReadWriteExecute);
        PlannedRange planned = plan.Find(address);
        if (planned.Owner == OwnerKind.Hypervisor)
            return ones;
        if (planned.Owner == OwnerKind.Guest)
            return planned.Guest == guest ? same : ones;
        int index = Array.FindIndex(map, d => d.Range.Contains(address));
        if (kind == GuestKind.Last || index < 0)
            return same;
        return map[index].Type switch
        {
            MemoryType.AcpiNvs or MemoryType.AcpiReclaim => (Copies + address, Access.ReadWriteExecute),
            MemoryType.Reserved or MemoryType.MemoryMappedIo => same,
            _ => ones,
        };
    }

    private static IEnumerable<ulong> Interesting(MemoryDescriptor[] map, in MemoryPlan plan, int seed)
    {
        List<ulong> addresses = [0, 0x9FFFF, 0xA0000, 0xFFFFF, 0x100000, Apic - 1, Apic, Apic + 0x1000, 0xFFFFFFFF, 1UL << 32, (1UL << 36) + 5];
        foreach (MemoryRange range in map.Select(d => d.Range).Concat(plan.Ranges.ToArray().Select(p => p.Range)))
            addresses.AddRange([range.Start, range.Start + 1, range.End - 1, range.End, range.Start - 1]);
        Random random = new(seed);
        for (int i = 0; i < 500; i++)
            addresses.Add((ulong)random.NextInt64(0, 1L << random.Next(12, 37)));
        return addresses.Where(a => a < 1UL << 39);
    }
}

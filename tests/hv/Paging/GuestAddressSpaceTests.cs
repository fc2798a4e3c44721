using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Switcher.Hv.Paging;
using Switcher.Tests.Boot.Memory;
using Switcher.Tests.Boot.Plan;
using Xunit;

namespace Switcher.Tests.Hv.Paging;

public sealed class GuestAddressSpaceTests
{
    public static TheoryData<string> RealMaps() => [.. FirmwareMaps.Names()];

    [Fact]
    public void Build_AnyMapNpt_TranslatesEveryAddressByTheRules() =>
        Gen.Select(FirmwareMaps.Random, Gen.Int[2, 4], Gen.Int)
            .Sample((map, guests, seed) => Check<NptFormat>(map, guests, seed, PageSize.Huge), iter: 40);

    [Fact]
    public void Build_AnyMapEpt_TranslatesEveryAddressByTheRules() =>
        Gen.Select(FirmwareMaps.Random, Gen.Int[2, 4], Gen.Int)
            .Sample((map, guests, seed) => Check<EptFormat>(map, guests, seed, PageSize.Large), iter: 10);

    [Theory]
    [MemberData(nameof(RealMaps))]
    public void Build_RealMap_TranslatesEveryAddressByTheRules(string name)
    {
        Check<NptFormat>(FirmwareMaps.Load(name), 3, 1, PageSize.Huge);
        Check<EptFormat>(FirmwareMaps.Load(name), 2, 1, PageSize.Huge);
    }

    [Theory]
    [MemberData(nameof(RealMaps))]
    public void Build_RealMap_TakesLessThanHalfAMebibyteForEachGuest(string name)
    {
        PlannedMachine<NptFormat> machine = new(FirmwareMaps.Load(name), 2, PageSize.Huge);
        for (int guest = 0; guest < 2; guest++)
        {
            ulong before = machine.Arena.Used;
            Assert.Equal(PageTableStatus.Ok, machine.TryBuild(guest, machine.Copies, out _));
            Assert.InRange(machine.Arena.Used - before, 1UL, 128UL);
        }
    }

    [Theory]
    [InlineData(40, PageSize.Huge, 3UL)]
    [InlineData(48, PageSize.Huge, 513UL)]
    [InlineData(52, PageSize.Huge, 513UL)]
    [InlineData(36, PageSize.Large, 66UL)]
    [InlineData(46, PageSize.Large, 514UL)]
    public void BuildIdentity_AnyWidth_TakesAPageForEach512GiBOrGiB(int bits, ulong largestPage, ulong pages)
    {
        TestMemory.Clear();
        PageArena arena = new(new MemoryRange(PlannedMachine.ArenaStart, 0x1000_0000));
        Assert.Equal(
            PageTableStatus.Ok,
            GuestAddressSpace.TryBuildIdentity(bits, largestPage, default, ref arena, out NestedPageTable<NptFormat, TestMemory> table));
        Assert.Equal(pages, arena.Used);
        ulong last = (1UL << Math.Min(bits, largestPage == PageSize.Huge ? 48 : 39)) - 1;
        Assert.True(table.TryTranslate(new GuestPhysicalAddress(last), out Translation translation));
        Assert.Equal(last, translation.Address.Value);
        Assert.False(table.TryTranslate(new GuestPhysicalAddress(last + 1), out _));
    }

    [Fact]
    public void BuildIdentity_FormatWithTypes_FollowsTheMtrrs()
    {
        TestMemory.Clear();
        PageArena arena = new(new MemoryRange(PlannedMachine.ArenaStart, 0x1000_0000));
        MtrrMap types = new(0x800, [], [0x6, 0xFF_8000_0800, 0x1_0000_0006, 0xFF_0000_0800, 0xC000_0001, 0xFF_F000_0800], 40);
        Assert.Equal(
            PageTableStatus.Ok,
            GuestAddressSpace.TryBuildIdentity(40, PageSize.Huge, types, ref arena, out NestedPageTable<EptFormat, TestMemory> table));
        Assert.Equal(CacheType.WriteBack, TypeAt(0x7FFF_FFFF));
        Assert.Equal(CacheType.Uncacheable, TypeAt(0x8000_0000));
        Assert.Equal(CacheType.WriteCombining, TypeAt(0xC123_4567));
        Assert.Equal(CacheType.Uncacheable, TypeAt(0xFEE0_0000));
        Assert.Equal(CacheType.WriteBack, TypeAt(0x1_0000_0000));
        Assert.Equal(CacheType.Uncacheable, TypeAt(0xFF_FFFF_FFFF));

        CacheType TypeAt(ulong address)
        {
            Assert.True(table.TryTranslate(new GuestPhysicalAddress(address), out Translation translation));
            return translation.Type;
        }
    }

    [Theory]
    [MemberData(nameof(RealMaps))]
    public void BuildBoot_RealMap_HidesOnlyTheHypervisor(string name)
    {
        PlannedMachine<NptFormat> machine = new(FirmwareMaps.Load(name), 2, PageSize.Huge);
        ulong before = machine.Arena.Used;
        Assert.Equal(
            PageTableStatus.Ok,
            GuestAddressSpace.TryBuildBoot(machine.Parts, ref machine.Arena, out NestedPageTable<NptFormat, TestMemory> table));
        Assert.True(machine.Arena.Used - before <= 8);

        MemoryRange hypervisor = machine.Plan.Hypervisor;
        foreach (ulong address in machine.Interesting(5))
        {
            Assert.True(table.TryTranslate(new GuestPhysicalAddress(address), out Translation translation));
            bool isApic = address / PageSize.Small == PlannedMachine.Apic / PageSize.Small;
            bool isWaitPage = address - hypervisor.Start < PageSize.Small;
            bool isHidden = hypervisor.Contains(address) && !isWaitPage;
            Assert.Equal(isHidden ? machine.AllOnes.Page.Value + (address % PageSize.Small) : address, translation.Address.Value);
            Assert.Equal(isApic ? Access.Read : isHidden || isWaitPage ? Access.ReadExecute : Access.ReadWriteExecute, translation.Access);
        }
    }

    [Fact]
    public void Build_MissingCopies_SaysSo()
    {
        PlannedMachine<NptFormat> machine = new(FirmwareMaps.Load("laptop-8gib"), 2, PageSize.Huge);
        for (int guest = 0; guest < 2; guest++)
        {
            Assert.Equal(PageTableStatus.MissingPrivateCopy, machine.TryBuild(guest, machine.Copies[1..], out _));
            Assert.Equal(PageTableStatus.MissingPrivateCopy, machine.TryBuild(guest, machine.Copies[..^1], out _));
            Assert.Equal(PageTableStatus.Ok, machine.TryBuild(guest, machine.Copies, out _));
        }
    }

    [Fact]
    public void Build_ArenaTooSmall_SaysSoAtEverySize()
    {
        PlannedMachine<NptFormat> machine = new(FirmwareMaps.Load("ovmf-1024"), 2, PageSize.Huge);
        ulong before = machine.Arena.Used;
        machine.TryBuild(1, machine.Copies, out _);
        ulong needed = machine.Arena.Used - before;
        for (ulong pages = 0; pages < needed; pages++)
        {
            machine.Arena = new PageArena(new MemoryRange(PlannedMachine.ArenaStart + 0x1000_0000, pages * PageSize.Small));
            Assert.Equal(PageTableStatus.OutOfPages, machine.TryBuild(1, machine.Copies, out _));
        }
    }

    [Fact]
    public void Build_AnyMap_SharesNoWritableRamBetweenGuests() =>
        Gen.Select(FirmwareMaps.Random, Gen.Int[2, 4]).Sample(CheckNothingShared, iter: 40);

    [Theory]
    [MemberData(nameof(RealMaps))]
    public void Build_RealMap_SharesNoWritableRamBetweenGuests(string name) => CheckNothingShared(FirmwareMaps.Load(name), 4);

    private static void CheckNothingShared(MemoryDescriptor[] map, int guests)
    {
        PlannedMachine<NptFormat> machine = new(map, guests, PageSize.Huge);
        List<MemoryRange>[] writable = new List<MemoryRange>[guests];
        for (int guest = 0; guest < guests && machine.IsPlanned; guest++)
        {
            // Each guest has copies elsewhere.
            PrivateCopy[] copies = [.. machine.Copies.Select(c => c with { Backing = c.Backing + ((ulong)(guest + 1) << 44) })];
            Assert.Equal(PageTableStatus.Ok, machine.TryBuild(guest, copies, out NestedPageTable<NptFormat, TestMemory> table));
            writable[guest] = PlannedMachine.Writable(table);

            // The arena that the tables and the page of ones come from lies outside the identity map, so only the plan's range tells.
            Assert.DoesNotContain(writable[guest], r => r.Overlaps(machine.Plan.Hypervisor));
            for (int other = 0; other < guest; other++)
            {
                // What both may write is what no map calls RAM: device memory, listed or not, and what the firmware only calls reserved;
                // and ACPI NVS, of which each finds its own contents.
                foreach (MemoryRange shared in Intersect(writable[guest], writable[other]))
                {
                    foreach (MemoryDescriptor descriptor in map.Where(d => d.Range.Overlaps(shared)))
                        Assert.True(descriptor.Type is MemoryType.Reserved or MemoryType.MemoryMappedIo or MemoryType.AcpiNvs,
                            $"{descriptor.Type} {shared.Start:x}-{shared.End:x}");
                }
            }
        }
    }

    private static IEnumerable<MemoryRange> Intersect(List<MemoryRange> left, List<MemoryRange> right) =>
        from l in left from r in right let both = l.Intersect(r) where !both.IsEmpty select both;

    private static void Check<TFormat>(MemoryDescriptor[] map, int guests, int seed, ulong largestPage)
        where TFormat : struct, IPageFormat
    {
        PlannedMachine<TFormat> machine = new(map, guests, largestPage);
        for (int guest = 0; guest < guests && machine.IsPlanned; guest++)
        {
            Assert.Equal(PageTableStatus.Ok, machine.TryBuild(guest, machine.Copies, out NestedPageTable<TFormat, TestMemory> table));
            foreach (ulong address in machine.Interesting(seed))
            {
                bool mapped = table.TryTranslate(new GuestPhysicalAddress(address), out Translation translation);
                (ulong host, Access access) = Expected(machine, guest, address);
                Assert.True(mapped);
                Assert.Equal($"{address:x} {host:x} {access}", $"{address:x} {translation.Address.Value:x} {translation.Access}");
            }
        }
    }

    private static (ulong Host, Access Access) Expected<TFormat>(PlannedMachine<TFormat> machine, int guest, ulong address)
        where TFormat : struct, IPageFormat
    {
        (ulong, Access) ones = (machine.AllOnes.Page.Value + (address % PageSize.Small), Access.ReadExecute);
        (ulong, Access) same = (address, Access.ReadWriteExecute);
        if (address / PageSize.Small == PlannedMachine.Apic / PageSize.Small)
            return (address, Access.Read);
        if (address - machine.Plan.Hypervisor.Start < PageSize.Small)
            return (address, Access.ReadExecute);
        if (address < GuestAddressSpace.LowMemoryBytes)
            return (PlannedMachine.CopiesStart + address, Access.ReadWriteExecute);
        PlannedRange planned = machine.Plan.Find(address);
        if (planned.Owner == OwnerKind.Hypervisor)
            return ones;
        if (planned.Owner == OwnerKind.Guest)
            return planned.Guest == guest ? same : ones;
        int index = Array.FindIndex(machine.Map, d => d.Range.Contains(address));
        if (index < 0)
            return same;
        return machine.Map[index].Type switch
        {
            MemoryType.AcpiReclaim => (PlannedMachine.CopiesStart + address, Access.ReadWriteExecute),
            MemoryType.AcpiNvs or MemoryType.Reserved or MemoryType.MemoryMappedIo => same,
            _ => ones,
        };
    }
}

using System;
using System.Collections.Generic;
using CsCheck;
using Switcher.Boot.Memory;
using Switcher.Hv.Paging;
using Switcher.Tests.Boot.Memory;
using Xunit;

namespace Switcher.Tests.Hv.Paging;

public sealed class NestedPageTableTests
{
    private const ulong ArenaStart = 0x80_0000_0000;
    private const ulong GiB = PageSize.Huge;

    private enum Action
    {
        Map,
        Identity,
        Unmap,
        AllOnes,
        Share,
    }

    [Fact]
    public void Translate_AnySequenceNpt_AgreesWithAModel() => CheckAgainstModel<NptFormat>(PageSize.Huge);

    [Fact]
    public void Translate_AnySequenceEpt_AgreesWithAModel() => CheckAgainstModel<EptFormat>(PageSize.Large);

    [Fact]
    public void Translate_AnySequenceHost_AgreesWithAModel() => CheckAgainstModel<HostFormat>(PageSize.Small);

    [Theory]
    [InlineData(PageSize.Huge, 2UL)]
    [InlineData(PageSize.Large, 10UL)]
    [InlineData(PageSize.Small, 4106UL)]
    public void Map_EightGiB_TakesTheLargestPages(ulong largestPage, ulong pages)
    {
        NestedPageTable<NptFormat, TestMemory> table = Create<NptFormat>(largestPage, out PageArena arena);
        Assert.Equal(PageTableStatus.Ok, table.MapIdentity(new MemoryRange(0, 8 * GiB), Access.ReadWrite, CacheType.WriteBack, ref arena));
        Assert.Equal(pages, arena.Used);
        Assert.True(table.TryTranslate(new GuestPhysicalAddress((5 * GiB) + 0x1234567), out Translation translation));
        Assert.Equal((5 * GiB) + 0x1234567, translation.Address.Value);
        Assert.Equal(largestPage, translation.PageBytes);
    }

    [Fact]
    public void Map_HostAndGuestAlignedDifferently_TakesSmallerPages()
    {
        NestedPageTable<NptFormat, TestMemory> table = Create<NptFormat>(PageSize.Huge, out PageArena arena);
        Assert.Equal(PageTableStatus.Ok,
            table.Map(new(GiB), new(2 * PageSize.Large), GiB, Access.ReadWrite, CacheType.WriteBack, ref arena));
        Assert.True(table.TryTranslate(new(GiB), out Translation translation));
        Assert.Equal(PageSize.Large, translation.PageBytes);

        Assert.Equal(PageTableStatus.Ok,
            table.Map(new(4 * GiB), new(0x5000), PageSize.Large, Access.ReadWrite, CacheType.WriteBack, ref arena));
        Assert.True(table.TryTranslate(new((4 * GiB) + 0x1FFFFF), out translation));
        Assert.Equal(PageSize.Small, translation.PageBytes);
        Assert.Equal(0x204FFFUL, translation.Address.Value);
    }

    [Fact]
    public void Map_IntoLargePage_KeepsTheRestOfIt()
    {
        NestedPageTable<EptFormat, TestMemory> table = Create<EptFormat>(PageSize.Huge, out PageArena arena);
        table.MapIdentity(new MemoryRange(0, 4 * GiB), Access.ReadWriteExecute, CacheType.WriteThrough, ref arena);
        ulong before = arena.Used;
        Assert.Equal(PageTableStatus.Ok,
            table.MapIdentity(new MemoryRange(0xFEE0_0000, PageSize.Small), Access.Read, CacheType.Uncacheable, ref arena));

        Assert.Equal(2UL, arena.Used - before);
        foreach ((ulong address, ulong page, Access access) in new[]
        {
            (0xFEE0_0FFFUL, PageSize.Small, Access.Read),
            (0xFEE0_1000UL, PageSize.Small, Access.ReadWriteExecute),
            (0xFEDF_FFFFUL, PageSize.Large, Access.ReadWriteExecute),
            (0xBFFF_FFFFUL, PageSize.Huge, Access.ReadWriteExecute),
        })
        {
            Assert.True(table.TryTranslate(new(address), out Translation translation));
            Assert.Equal((address, page, access), (translation.Address.Value, translation.PageBytes, translation.Access));
            Assert.Equal(access == Access.Read ? CacheType.Uncacheable : CacheType.WriteThrough, translation.Type);
        }
    }

    [Fact]
    public void MapAllOnes_HundredsOfGiB_TakesAFewPages()
    {
        NestedPageTable<NptFormat, TestMemory> table = Create<NptFormat>(PageSize.Huge, out PageArena arena);
        AllOnesPages.TryCreate<NptFormat, TestMemory>(ref arena, out AllOnesPages allOnes);
        ulong before = arena.Used;
        Assert.Equal(PageTableStatus.Ok, table.MapAllOnes(MemoryRange.FromBounds(0x1000, (300 * GiB) + 0x5000), allOnes, ref arena));

        // The table of all GiB, and at each end one of the pages of 2 MiB and one of those of 4 KiB.
        Assert.Equal(5UL, arena.Used - before);
        Assert.True(table.TryTranslate(new((123 * GiB) + 0x4567), out Translation translation));
        Assert.Equal(allOnes.Page.Value + 0x567, translation.Address.Value);
        Assert.Equal(Access.ReadExecute, translation.Access);
        Assert.False(TestMemory.Bytes(allOnes.Page, 4096).ContainsAnyExcept((byte)0xFF));
    }

    [Fact]
    public void TryShare_ThenMap_LeavesTheOriginalAsItWas()
    {
        NestedPageTable<NptFormat, TestMemory> table = Create<NptFormat>(PageSize.Large, out PageArena arena);
        table.MapIdentity(new MemoryRange(0, 4 * GiB), Access.ReadWriteExecute, CacheType.WriteBack, ref arena);
        Assert.Equal(PageTableStatus.Ok, table.TryShare(ref arena, out NestedPageTable<NptFormat, TestMemory> first));
        Assert.Equal(PageTableStatus.Ok, first.TryShare(ref arena, out NestedPageTable<NptFormat, TestMemory> second));
        ulong before = arena.Used;
        first.Map(new(0x1234_5000), new(0x1000), 0x1000, Access.Read, CacheType.WriteBack, ref arena);
        Assert.Equal(3UL, arena.Used - before);

        Assert.True(first.TryTranslate(new(0x1234_5678), out Translation changed));
        Assert.Equal(0x1678UL, changed.Address.Value);
        foreach (NestedPageTable<NptFormat, TestMemory> other in new[] { table, second })
        {
            Assert.True(other.TryTranslate(new(0x1234_5678), out Translation same));
            Assert.Equal(0x1234_5678UL, same.Address.Value);
            Assert.Equal(Access.ReadWriteExecute, same.Access);
        }
    }

    [Fact]
    public void Map_BadArguments_AreErrorsByName()
    {
        NestedPageTable<NptFormat, TestMemory> table = Create<NptFormat>(PageSize.Huge, out PageArena arena);
        AllOnesPages.TryCreate<NptFormat, TestMemory>(ref arena, out AllOnesPages allOnes);
        Assert.Equal(PageTableStatus.Misaligned,
            table.MapIdentity(new MemoryRange(1, 0x1000), Access.Read, CacheType.WriteBack, ref arena));
        Assert.Equal(PageTableStatus.Misaligned, table.Map(new(0), new(0x800), 0x1000, Access.Read, CacheType.WriteBack, ref arena));
        Assert.Equal(PageTableStatus.Misaligned, table.MapAllOnes(new MemoryRange(0, 0x10), allOnes, ref arena));
        Assert.Equal(
            PageTableStatus.OutOfRange,
            table.MapIdentity(new MemoryRange((1UL << 48) - 0x1000, 0x2000), Access.Read, CacheType.WriteBack, ref arena));
        Assert.Equal(PageTableStatus.OutOfRange, table.MapAllOnes(new MemoryRange(1UL << 60, 0x1000), allOnes, ref arena));
        Assert.False(table.TryTranslate(new(1UL << 48), out _));
        Assert.False(table.TryTranslate(new(0), out _));
    }

    [Fact]
    public void Map_ArenaTooSmall_SaysSoAtEverySize()
    {
        for (ulong pages = 0; pages < 6; pages++)
        {
            TestMemory.Clear();
            PageArena arena = new(new MemoryRange(ArenaStart, pages * PageSize.Small));
            PageTableStatus status = NestedPageTable<EptFormat, TestMemory>.TryCreate(ref arena, PageSize.Huge, out var table);
            if (status == PageTableStatus.Ok)
                status = table.MapIdentity(new MemoryRange(0, 4 * GiB), Access.ReadWrite, CacheType.WriteBack, ref arena);
            if (status == PageTableStatus.Ok)
                status = table.MapIdentity(new MemoryRange(0x1000, 0x1000), Access.Read, CacheType.WriteBack, ref arena);
            Assert.Equal(pages < 4 ? PageTableStatus.OutOfPages : PageTableStatus.Ok, status);
            Assert.Equal(Math.Min(pages, 4), arena.Used);
            Assert.Equal(pages - arena.Used, arena.Left);
        }
    }

    /// <summary>A parked guest's own tables: nothing is wasted, and five levels translate like four.</summary>
    [Theory]
    [InlineData(36, PageSize.Huge, 4, 2)]
    [InlineData(40, PageSize.Huge, 4, 3)]
    [InlineData(40, PageSize.Huge, 5, 4)]
    [InlineData(33, PageSize.Large, 4, 10)]
    public void IdentityPages_AnyShape_AreWhatTheMapTakes(int bits, ulong largestPage, int levels, ulong pages)
    {
        Assert.Equal(pages, NestedPageTable<HostFormat, TestMemory>.IdentityPages(bits, largestPage, levels));
        TestMemory.Clear();
        PageArena arena = new(new MemoryRange(ArenaStart, pages * PageSize.Small));
        Assert.Equal(PageTableStatus.Ok, NestedPageTable<HostFormat, TestMemory>.TryCreate(ref arena, largestPage, out var table, levels));
        var all = new MemoryRange(0, 1UL << bits);
        Assert.Equal(PageTableStatus.Ok, table.MapIdentity(all, Access.ReadWriteExecute, CacheType.WriteBack, ref arena));
        Assert.Equal(0UL, arena.Left);
        ulong last = all.End - 1;
        Assert.True(table.TryTranslate(new GuestPhysicalAddress(last), out Translation translation));
        Assert.Equal((last, largestPage), (translation.Address.Value, translation.PageBytes));
        Assert.False(table.TryTranslate(new GuestPhysicalAddress(all.End), out _));
    }

    private static NestedPageTable<TFormat, TestMemory> Create<TFormat>(ulong largestPage, out PageArena arena)
        where TFormat : struct, IPageFormat
    {
        TestMemory.Clear();
        arena = new PageArena(new MemoryRange(ArenaStart, 0x1000_0000));
        Assert.Equal(PageTableStatus.Ok, NestedPageTable<TFormat, TestMemory>.TryCreate(ref arena, largestPage, out var table));
        return table;
    }

    /// <summary>Random steps on a table, beside a list of what was mapped of which the last entry that holds an address counts.</summary>
    private static void CheckAgainstModel<TFormat>(ulong largestPage)
        where TFormat : struct, IPageFormat
    {
        ulong reach = largestPage == PageSize.Small ? 40 * PageSize.Large : largestPage == PageSize.Large ? 3 * GiB : 600 * GiB;
        Gen<ulong> address = Gen.Select(Gen.ULong[0, reach / PageSize.Small], Gen.Int[0, 2]).Select((page, round) =>
            PageSize.AlignDown(page * PageSize.Small, round == 0 ? PageSize.Small : round == 1 ? PageSize.Large : largestPage));
        Access[] some = [Access.Read, Access.ReadWrite, Access.ReadExecute, Access.ReadWriteExecute];
        Gen<Access> access = Gen.Int[0, 3].Select(i => some[i]);
        Gen.Select(Gen.Int[0, 4].Select(i => (Action)i), address, address, address, access).Array[1, 12].Sample(
            steps =>
            {
                NestedPageTable<TFormat, TestMemory> table = Create<TFormat>(largestPage, out PageArena arena);
                AllOnesPages.TryCreate<TFormat, TestMemory>(ref arena, out AllOnesPages allOnes);
                List<(MemoryRange Range, ulong Host, Access Access)> model = [];
                List<ulong> addresses = [];
                foreach ((Action action, ulong start, ulong length, ulong host, Access allowed) in steps)
                {
                    ulong size = largestPage == PageSize.Huge ? length : PageSize.AlignDown(length / 4, PageSize.Small);
                    MemoryRange range = new(start, size);
                    PageTableStatus status;
                    switch (action)
                    {
                        case Action.Share:
                            status = table.TryShare(ref arena, out table);
                            break;
                        case Action.AllOnes:
                            status = table.MapAllOnes(range, allOnes, ref arena);
                            model.Add((range, allOnes.Page.Value, Access.ReadExecute));
                            break;
                        case Action.Unmap:
                            status = table.Unmap(range, ref arena);
                            model.Add((range, 0, Access.None));
                            break;
                        default:
                            // 4 KiB pages all over hundreds of GiB would take long and show nothing new.
                            ulong target = action == Action.Identity || size > GiB ? start : host;
                            status = table.Map(new(start), new(target), size, allowed, CacheType.WriteBack, ref arena);
                            model.Add((range, target, allowed));
                            break;
                    }

                    Assert.Equal(PageTableStatus.Ok, status);
                    addresses.AddRange([start, start + size, start + size - 1, start - 1, start + (size / 2), host]);
                }

                foreach (ulong at in addresses)
                {
                    if (at >= 1UL << 48)
                        continue;
                    (MemoryRange range, ulong host, Access allowed) = model.FindLast(m => m.Range.Contains(at));
                    bool mapped = table.TryTranslate(new(at), out Translation translation);
                    Assert.Equal(allowed != Access.None, mapped);
                    if (!mapped)
                        continue;
                    bool isOnes = host == allOnes.Page.Value;
                    Assert.Equal(allowed, translation.Access);
                    Assert.Equal(isOnes ? host + (at % PageSize.Small) : host + (at - range.Start), translation.Address.Value);
                }
            },
            iter: 50);
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Switcher.Boot.Memory;
using Switcher.Boot.Partition;
using Switcher.Boot.Plan;
using Xunit;

namespace Switcher.Tests.Boot.Partition;

public sealed class PartitionAllocatorTests
{
    private const ulong GiB = PageSize.Huge;

    // A partition of two ranges below 4 GiB and one above, and the low window, with another guest's memory between.
    private static readonly PlannedRange[] Plan =
    [
        new(new MemoryRange(0x80000, 0x20000), OwnerKind.LowWindow),
        new(new MemoryRange(0x200000, 0x200000), OwnerKind.Guest, 1),
        new(new MemoryRange(0x400000, 0x200000), OwnerKind.Guest, 0),
        new(new MemoryRange(0x600000, 0x200000), OwnerKind.Guest, 1),
        new(new MemoryRange(4 * GiB, 0x200000), OwnerKind.Guest, 1),
    ];

    private static readonly MemoryType[] Types =
    [
        MemoryType.LoaderCode, MemoryType.LoaderData, MemoryType.LoaderData, MemoryType.RuntimeServicesData, MemoryType.AcpiReclaim,
        MemoryType.Reserved, (MemoryType)0x80000000,
    ];

    private enum Action
    {
        Any,
        Below,
        At,
        FreeWhole,
        FreeAny,
    }

    [Fact]
    public void Initialize_AnyGuest_OwnsItsPartitionAndTheLowWindow()
    {
        Assert.Equal(["80000-a0000", "400000-600000"], new Storage(64, guest: 0).Describe(MemoryType.Conventional));

        Storage storage = new(64);
        Assert.Equal(["80000-a0000", "200000-400000", "600000-800000", "100000000-100200000"], storage.Describe(MemoryType.Conventional));
        Assert.True(storage.View.Contains(0x80000));
        Assert.False(storage.View.Contains(0x400000));
        Assert.True(storage.View.Contains(0x3FFFFF));
    }

    [Fact]
    public void Allocate_AnyPages_GoesDownFrom4GiBThenAboveAndNeverIntoTheLowWindow()
    {
        Storage storage = new(64);
        Assert.Equal(0x7FF000UL, storage.Take(AllocateType.AnyPages, 1));
        Assert.Equal(0x600000UL, storage.Take(AllocateType.AnyPages, 0x1FF));
        Assert.Equal(0x201000UL, storage.Take(AllocateType.AnyPages, 0x1FF));
        Assert.Equal(0x1001FE000UL, storage.Take(AllocateType.AnyPages, 2));
        Assert.Equal(0x200000UL, storage.Take(AllocateType.AnyPages, 1));
        Assert.Equal(0x100000000UL, storage.Take(AllocateType.AnyPages, 0x1FE));
        Assert.Equal(AllocationStatus.OutOfResources, storage.Try(AllocateType.AnyPages, 1));
        Assert.Equal(0x9F000UL, storage.Take(AllocateType.MaxAddress, 1, 0xFFFFF));
    }

    [Fact]
    public void Allocate_MaxAddress_EndsAtOrBelowIt()
    {
        Storage storage = new(64);
        Assert.Equal(0x3FE000UL, storage.Take(AllocateType.MaxAddress, 1, 0x3FEFFF));
        Assert.Equal(0x3FD000UL, storage.Take(AllocateType.MaxAddress, 1, 0x3FEFFE));
        Assert.Equal(0x1001FF000UL, storage.Take(AllocateType.MaxAddress, 1, ulong.MaxValue));
        Assert.Equal(AllocationStatus.OutOfResources, storage.Try(AllocateType.MaxAddress, 1, 0x7FFFF));
        Assert.Equal(AllocationStatus.OutOfResources, storage.Try(AllocateType.MaxAddress, 0, ulong.MaxValue));
    }

    [Fact]
    public void Allocate_Address_TakesJustThat()
    {
        Storage storage = new(64);
        Assert.Equal(0x201000UL, storage.Take(AllocateType.Address, 2, 0x201000));
        Assert.Equal(AllocationStatus.NotFound, storage.Try(AllocateType.Address, 1, 0x202000));
        Assert.Equal(AllocationStatus.NotFound, storage.Try(AllocateType.Address, 1, 0x203800));
        Assert.Equal(AllocationStatus.NotFound, storage.Try(AllocateType.Address, 2, 0x3FF000));
        Assert.Equal(AllocationStatus.NotFound, storage.Try(AllocateType.Address, 1, 0x400000));
        Assert.Equal(AllocationStatus.NotFound, storage.Try(AllocateType.Address, 0, 0x205000));
        Assert.Equal(AllocationStatus.NotFound, storage.Try(AllocateType.Address, ulong.MaxValue, 0x205000));
        Assert.Equal(AllocationStatus.InvalidParameter, storage.Try((AllocateType)3, 1, 0x205000));
    }

    [Theory]
    [InlineData(MemoryType.Conventional)]
    [InlineData(MemoryType.Persistent)]
    [InlineData(MemoryType.Unaccepted)]
    [InlineData((MemoryType)16)]
    [InlineData((MemoryType)0x6FFFFFFF)]
    public void Allocate_TypeThatCannotBe_IsInvalid(MemoryType type) =>
        Assert.Equal(AllocationStatus.InvalidParameter, new Storage(64).Try(AllocateType.AnyPages, 1, 0, type));

    [Fact]
    public void Allocate_RuntimeTypes_HaveTheRuntimeAttribute()
    {
        Storage storage = new(64);
        storage.Take(AllocateType.AnyPages, 1, 0, MemoryType.RuntimeServicesCode);
        storage.Take(AllocateType.AnyPages, 1, 0, MemoryType.LoaderData);
        foreach (MemoryDescriptor descriptor in storage.View.Descriptors)
            Assert.Equal(descriptor.Type == MemoryType.RuntimeServicesCode, (descriptor.Attribute & MemoryAttributes.Runtime) != 0);
    }

    [Fact]
    public void Free_WhatIsNotAllocated_IsNotFound()
    {
        Storage storage = new(64);
        storage.Take(AllocateType.Address, 2, 0x201000);
        Assert.Equal(AllocationStatus.NotFound, storage.View.Free(0x200000, 2));
        Assert.Equal(AllocationStatus.NotFound, storage.View.Free(0x202000, 2));
        Assert.Equal(AllocationStatus.NotFound, storage.View.Free(0x400000, 1));
        Assert.Equal(AllocationStatus.InvalidParameter, storage.View.Free(0x201001, 1));
        Assert.Equal(AllocationStatus.InvalidParameter, storage.View.Free(0x201000, 0));
        Assert.Equal(AllocationStatus.InvalidParameter, storage.View.Free(0x201000, ulong.MaxValue));
        Assert.Equal(AllocationStatus.Success, storage.View.Free(0x202000, 1));
        Assert.Equal(AllocationStatus.Success, storage.View.Free(0x201000, 1));
        Assert.Equal(["80000-a0000", "200000-400000", "600000-800000", "100000000-100200000"], storage.Describe(MemoryType.Conventional));
    }

    [Fact]
    public void Allocate_TableFull_IsOutOfResourcesAndChangesNothing()
    {
        Storage storage = new(8);
        storage.Take(AllocateType.Address, 1, 0x201000);
        storage.Take(AllocateType.Address, 1, 0x204000);
        ulong generation = storage.View.Generation;
        string[] before = storage.Describe(MemoryType.LoaderData);
        Assert.Equal(AllocationStatus.OutOfResources, storage.Try(AllocateType.Address, 1, 0x206000));
        Assert.Equal(generation, storage.View.Generation);
        Assert.Equal(before, storage.Describe(MemoryType.LoaderData));
        Assert.Equal(AllocationStatus.OutOfResources,
            new PartitionAllocator(ref new Storage(4).State, new MemoryDescriptor[3])
            .Initialize(new MemoryPlan(Plan), 1));
    }

    [Fact]
    public void AllocateAndFree_AnySequence_AgreesWithAModelOfPages()
    {
        Gen<(Action, MemoryType, ulong, ulong)> step = Gen.Select(
            Gen.Int[0, 4].Select(i => (Action)i), Gen.Int[0, Types.Length - 1].Select(i => Types[i]), Gen.ULong[0, 40],
            Gen.OneOf(Gen.ULong[0x7F, 0xA1], Gen.ULong[0x1FE, 0x804], Gen.ULong[0xFFFFF, 0x100202]));
        step.Array[1, 60].Sample(steps =>
        {
            Storage storage = new(512);
            SortedDictionary<ulong, MemoryType> model = [];
            foreach (PlannedRange planned in Plan.Where(p => p.Owner == OwnerKind.LowWindow || p.BelongsTo(1)))
            {
                for (ulong page = planned.Range.Start / PageSize.Small; page < planned.Range.End / PageSize.Small; page++)
                    model[page] = MemoryType.Conventional;
            }

            List<(ulong Page, ulong Count)> allocated = [];
            foreach ((Action action, MemoryType type, ulong pages, ulong at) in steps)
                Step(storage, model, allocated, action, type, pages, at);
        }, iter: 100);
    }

    private static void Step(
        Storage storage, SortedDictionary<ulong, MemoryType> model, List<(ulong Page, ulong Count)> allocated, Action action,
        MemoryType type, ulong pages, ulong at)
    {
        ulong generation = storage.View.Generation;
        if (action is Action.FreeWhole or Action.FreeAny)
        {
            if (action == Action.FreeWhole && allocated.Count > 0)
                (at, pages) = allocated[(int)(at % (ulong)allocated.Count)];
            bool all = pages > 0 && Pages(at, pages).All(p => model.TryGetValue(p, out MemoryType t) && t != MemoryType.Conventional);
            AllocationStatus freed = storage.View.Free(at * PageSize.Small, pages);
            Assert.Equal(
                all ? AllocationStatus.Success : pages == 0 ? AllocationStatus.InvalidParameter : AllocationStatus.NotFound, freed);
            foreach (ulong page in all ? Pages(at, pages) : [])
                model[page] = MemoryType.Conventional;
        }
        else
        {
            ulong? expected = action switch
            {
                Action.Any => Highest(0x100, 0x100000) ?? Highest(0x100000, ulong.MaxValue),
                Action.Below => Highest(0, at + 1),
                _ => pages > 0 && Pages(at, pages).All(IsFree) ? at : null,
            };
            ulong address = action == Action.Below ? (at * PageSize.Small) + 0xFFF : at * PageSize.Small;
            AllocationStatus status = storage.View.Allocate((AllocateType)action, type, pages, ref address);
            AllocationStatus refused = action == Action.At ? AllocationStatus.NotFound : AllocationStatus.OutOfResources;
            Assert.Equal(expected is null ? refused : AllocationStatus.Success, status);
            if (expected is ulong first)
            {
                Assert.Equal(first * PageSize.Small, address);
                foreach (ulong page in Pages(first, pages))
                    model[page] = type;
                allocated.Add((first, pages));
            }
        }

        Dictionary<ulong, MemoryType> actual = [];
        MemoryDescriptor previous = default;
        foreach (MemoryDescriptor descriptor in storage.View.Descriptors)
        {
            Assert.True(descriptor.PhysicalStart >= previous.Range.End);
            Assert.False(descriptor.PhysicalStart == previous.Range.End && descriptor.Type == previous.Type);
            previous = descriptor;
            foreach (ulong page in Pages(descriptor.PhysicalStart / PageSize.Small, descriptor.NumberOfPages))
                actual.Add(page, descriptor.Type);
        }

        Assert.Equal(model.Count, actual.Count);
        Assert.All(model, p => Assert.Equal(p.Value, actual[p.Key]));
        Assert.True(storage.View.Generation >= generation);

        bool IsFree(ulong page) => model.TryGetValue(page, out MemoryType t) && t == MemoryType.Conventional;

        ulong? Highest(ulong from, ulong end)
        {
            foreach (ulong page in model.Keys.Reverse())
            {
                if (pages > 0 && page >= from && page + pages <= end && Pages(page, pages).All(IsFree))
                    return page;
            }

            return null;
        }
    }

    private static IEnumerable<ulong> Pages(ulong first, ulong count)
    {
        for (ulong i = 0; i < count; i++)
            yield return first + i;
    }

    private sealed class Storage
    {
        public PartitionAllocatorState State;
        private readonly MemoryDescriptor[] table;

        public Storage(int entries, int guest = 1)
        {
            table = new MemoryDescriptor[entries];
            View.Initialize(new MemoryPlan(Plan), guest);
        }

        public PartitionAllocator View => new(ref State, table);

        public AllocationStatus Try(AllocateType how, ulong pages, ulong address = 0, MemoryType type = MemoryType.LoaderData) =>
            View.Allocate(how, type, pages, ref address);

        public ulong Take(AllocateType how, ulong pages, ulong address = 0, MemoryType type = MemoryType.LoaderData)
        {
            Assert.Equal(AllocationStatus.Success, View.Allocate(how, type, pages, ref address));
            return address;
        }

        public string[] Describe(MemoryType type) =>
            [.. View.Descriptors.ToArray().Where(d => d.Type == type).Select(d => $"{d.Range.Start:x}-{d.Range.End:x}")];
    }
}

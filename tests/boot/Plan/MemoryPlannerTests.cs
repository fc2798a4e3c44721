using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Xunit;

namespace Switcher.Tests.Boot.Plan;

public sealed class MemoryPlannerTests
{
    private const ulong MiB = 1024 * 1024;
    private const ulong GiB = 1024 * MiB;

    private static readonly Gen<MemoryRequest> Request = Gen.OneOf(
        Gen.Const(MemoryRequest.Share), Gen.ULong[100, 2000].Select(m => MemoryRequest.FromBytes(m * MiB)),
        Gen.UInt[5, 60].Select(MemoryRequest.FromPercent));

    [Fact]
    public void Plan_AnyMapAndRequests_FollowsTheRulesOrSaysWhyNot()
    {
        int made = 0;
        Gen.Select(FirmwareMaps.Random, Request.Array[2, 16], Gen.ULong[1, 64]).Sample(
            (map, requests, hypervisor) =>
            {
                PlanFailure failure = Plan(map, requests, hypervisor * MiB, out PlannedRange[] plan);
                if (failure.Status == PlanStatus.Ok)
                {
                    made++;
                    PlanRules.Check(map, requests, hypervisor * MiB, new MemoryPlan(plan));
                }
                else
                {
                    Assert.Empty(plan);
                    PlanRules.CheckFailure(failure, requests);
                }
            },
            iter: 3000, threads: 1);
        Assert.True(made > 300, $"{made}");
    }

    [Fact]
    public void Plan_SameMapInAnotherOrder_IsTheSamePlan() =>
        Gen.Select(FirmwareMaps.Random, Gen.Int[2, 5], Gen.Int).Sample((map, guests, seed) =>
        {
            Plan(map, new MemoryRequest[guests], 16 * MiB, out PlannedRange[] first);
            new Random(seed).Shuffle(map);
            Plan(map, new MemoryRequest[guests], 16 * MiB, out PlannedRange[] second);
            Assert.Equal(first, second);
        });

    public static TheoryData<string, int> RealMaps()
    {
        TheoryData<string, int> data = [];
        foreach (string name in FirmwareMaps.Names())
        {
            foreach (int guests in new[] { 2, 3, 4 })
                data.Add(name, guests);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(RealMaps))]
    public void Plan_RealMap_SharesAlmostAllOfItEqually(string name, int guests)
    {
        MemoryDescriptor[] map = FirmwareMaps.Load(name);
        MemoryRequest[] requests = new MemoryRequest[guests];
        PlanFailure failure = Plan(map, requests, 16 * MiB, out PlannedRange[] ranges);
        Assert.Equal(PlanStatus.Ok, failure.Status);
        MemoryPlan plan = new(ranges);
        PlanRules.Check(map, requests, 16 * MiB, plan);

        ulong[] sizes = Sizes(plan);
        Assert.True(sizes.Max() - sizes.Min() <= PageSize.Large);
        ulong usable = map.Where(d => d.Type == MemoryType.Conventional && ((ulong)d.Attribute & 0x40000) == 0)
            .Aggregate(0UL, (sum, d) => sum + d.Range.Length);
        ulong given = sizes.Aggregate((a, b) => a + b);
        Assert.True(usable - given <= plan.Hypervisor.Length + plan.FirmwareHeap.Length + (96 * MiB), $"{given / MiB} of {usable / MiB}");

        // RAM below 4 GiB is shared out evenly as well.
        ulong[] low = [.. Enumerable.Range(0, guests)
            .Select(g => ranges.Where(r => r.BelongsTo(g) && r.Range.End <= 4 * GiB).Aggregate(0UL, (s, r) => s + r.Range.Length))];
        Assert.True(low.Max() - low.Min() <= PageSize.Large);
    }

    [Fact]
    public void Plan_OneRange_PutsTheFirstGuestOnTop()
    {
        MemoryDescriptor[] map = Simple(0x10_0000, 0x8000_0000);
        Assert.Equal(PlanStatus.Ok, Plan(map, new MemoryRequest[3], 16 * MiB, out PlannedRange[] plan).Status);

        Assert.Equal(
            [
                "LowWindow 80000-a0000", "Guest2 200000-29e00000", "Guest1 29e00000-53800000", "Guest0 53800000-7d200000",
                "Hypervisor 7d200000-7e200000", "FirmwareHeap 7e200000-80000000",
            ],
            Describe(plan));
    }

    [Fact]
    public void Plan_Requests_AreHonouredTo2MiB()
    {
        MemoryDescriptor[] map = FirmwareMaps.Load("ovmf-8192");
        MemoryRequest[] requests = [MemoryRequest.FromPercent(40), MemoryRequest.FromBytes(1001 * MiB), MemoryRequest.Share];
        Assert.Equal(PlanStatus.Ok, Plan(map, requests, 16 * MiB, out PlannedRange[] ranges).Status);
        Plan(map, new MemoryRequest[2], 16 * MiB, out PlannedRange[] everything);

        ulong total = Sizes(new MemoryPlan(everything)).Aggregate((a, b) => a + b);
        ulong[] sizes = Sizes(new MemoryPlan(ranges));
        Assert.Equal(PageSize.AlignDown(total * 40 / 100, PageSize.Large), sizes[0]);
        Assert.Equal(1000 * MiB, sizes[1]);
        Assert.Equal(total - sizes[0] - sizes[1], sizes[2]);
    }

    [Fact]
    public void Plan_FortyAndSixtyPercent_LeavesLessThanALargePageEach()
    {
        MemoryDescriptor[] map = FirmwareMaps.Load("ovmf-2048");
        Plan(map, [MemoryRequest.FromPercent(60), MemoryRequest.FromPercent(40)], 16 * MiB, out PlannedRange[] ranges);
        Plan(map, new MemoryRequest[2], 16 * MiB, out PlannedRange[] everything);
        ulong total = Sizes(new MemoryPlan(everything)).Aggregate((a, b) => a + b);
        Assert.InRange(total - Sizes(new MemoryPlan(ranges)).Aggregate((a, b) => a + b), 0UL, 2 * PageSize.Large);
    }

    [Fact]
    public void Plan_LittleLowMemory_GivesTheLowPartBeforeTheHigh()
    {
        MemoryDescriptor[] map =
            [.. Simple(0x10_0000, 0x4000_0000),
            new MemoryDescriptor(MemoryType.Conventional, new MemoryRange(4 * GiB, 60 * GiB), MemoryAttributes.Default)];
        Assert.Equal(PlanStatus.Ok,
            Plan(map, [MemoryRequest.Share, MemoryRequest.FromBytes(256 * MiB), MemoryRequest.Share], 16 * MiB,
            out PlannedRange[] plan).Status);

        // Below 4 GiB the second guest is served with 256 MiB; the others share the rest evenly.
        Assert.Equal(256 * MiB, LowBytes(plan, 1));
        Assert.InRange(LowBytes(plan, 0) - LowBytes(plan, 2), 0UL, PageSize.Large);
        Assert.InRange(LowBytes(plan, 0) + LowBytes(plan, 2), (1022 - 32 - 16 - 256) * MiB, (1022 - 32 - 16 - 256) * MiB);
    }

    [Fact]
    public void Plan_TwoPieces_MakesTheSmallestFirstPieceAsLargeAsItCanBe()
    {
        MemoryDescriptor[] map =
        [
            .. Simple(0x20_0000, 0x20_0000 + (1400 * MiB) + (48 * MiB)),
            new MemoryDescriptor(MemoryType.Conventional, new MemoryRange(0x8000_0000, 400 * MiB), MemoryAttributes.Default),
        ];
        Assert.Equal(PlanStatus.Ok, Plan(map, new MemoryRequest[2], 16 * MiB, out PlannedRange[] plan, heap: 32 * MiB).Status);

        foreach (int guest in new[] { 0, 1 })
            Assert.True(plan.Where(r => r.BelongsTo(guest)).Max(r => r.Range.Length) >= 700 * MiB, string.Join(' ', Describe(plan)));
    }

    [Fact]
    public void Plan_BadMaps_AreErrorsByName()
    {
        MemoryDescriptor[] good = Simple(0x10_0000, 0x8000_0000);
        Assert.Equal(PlanStatus.GuestCount, Plan(good, new MemoryRequest[1], 1, out _).Status);
        Assert.Equal(PlanStatus.GuestCount, Plan(good, new MemoryRequest[17], 1, out _).Status);
        Assert.Equal(PlanStatus.TableTooSmall, MemoryPlanner.Plan(good, new MemoryRequest[2], 1, 0, new PlannedRange[9], out _).Status);
        Assert.Equal(PlanStatus.TooManyDescriptors, Plan(new MemoryDescriptor[5000], new MemoryRequest[2], 1, out _).Status);
        AssertBad(PlanStatus.MalformedDescriptor, 0x1234, 1);
        AssertBad(PlanStatus.MalformedDescriptor, 0xFFFF_FFFF_FFFF_F000, 1);
        AssertBad(PlanStatus.MalformedDescriptor, 0x1000, ulong.MaxValue);
        AssertBad(PlanStatus.MalformedDescriptor, 0x1000, 1UL << 52);
        AssertBad(PlanStatus.OverlappingDescriptors, 0x7FFF_F000, 1);
        AssertBad(PlanStatus.OverlappingDescriptors, 0x0, 0x10_0000);

        void AssertBad(PlanStatus status, ulong start, ulong pages)
        {
            MemoryDescriptor bad = new() { Type = MemoryType.Reserved, PhysicalStart = start, NumberOfPages = pages };
            PlanFailure failure = Plan([.. good, bad], new MemoryRequest[2], MiB, out PlannedRange[] plan);
            Assert.Equal(status, failure.Status);
            Assert.Equal(good.Length, failure.Index);
            Assert.Empty(plan);
        }
    }

    [Fact]
    public void Plan_TooLittle_SaysOfWhatAndHowMuch()
    {
        Check(PlanStatus.NoLowWindow, [Simple(0x10_0000, 0x8000_0000)[1]], [default, default]);
        Check(PlanStatus.NoRoomForFirmware, Simple(0x10_0000, 0x60_0000), [default, default]);
        Check(PlanStatus.NoRoomForHypervisor, Simple(0x10_0000, 0x400_0000), [default, default], hypervisor: 64 * MiB);
        Check(PlanStatus.TooLittleMemory, Simple(0x10_0000, 0x1800_0000), [default, default]);
        Check(PlanStatus.RequestTooSmall, Simple(0x10_0000, 0x8000_0000), [default, MemoryRequest.FromBytes(191 * MiB)], index: 1);
        Check(PlanStatus.RequestTooSmall, Simple(0x10_0000, 0x8000_0000), [MemoryRequest.FromPercent(2), default], index: 0);
        Check(PlanStatus.RequestsTooLarge, Simple(0x10_0000, 0x8000_0000), [default, MemoryRequest.FromBytes(2 * GiB)], index: 1);
        Check(PlanStatus.RequestsTooLarge, Simple(0x10_0000, 0x8000_0000), [default, MemoryRequest.FromBytes(ulong.MaxValue)], index: 1);
        Check(PlanStatus.RequestsTooLarge, Simple(0x10_0000, 0x8000_0000), [MemoryRequest.FromPercent(60), MemoryRequest.FromPercent(60)],
            index: 1);
        Check(PlanStatus.RequestsTooLarge, Simple(0x10_0000, 0x8000_0000), [default, MemoryRequest.FromPercent(95)]);
        Check(PlanStatus.RequestsTooLarge, Simple(0x10_0000, 0x8000_0000), [default, MemoryRequest.FromPercent(101)], index: 1);

        MemoryDescriptor high = new(MemoryType.Conventional, new MemoryRange(4 * GiB, 8 * GiB), MemoryAttributes.Default);
        Check(PlanStatus.TooLittleLowMemory, [.. Simple(0x10_0000, 0x1000_0000), high], [default, default], index: 0);

        static void Check(PlanStatus status, MemoryDescriptor[] map, MemoryRequest[] requests, ulong hypervisor = 16 * MiB, int index = -1)
        {
            PlanFailure failure = Plan(map, requests, hypervisor, out PlannedRange[] plan);
            Assert.Equal(status, failure.Status);
            Assert.Equal(index, failure.Index);
            Assert.NotEqual(failure.Available, failure.Needed);
            Assert.Empty(plan);
        }
    }

    [Fact]
    public void Plan_ManyPieces_KeepsTheLargest()
    {
        List<MemoryDescriptor> map = [.. Simple(0x10_0000, 0x4000_0000)];
        for (ulong i = 0; i < 300; i++)
            map.Add(new MemoryDescriptor(MemoryType.Conventional, new MemoryRange((4 * GiB) + (i * 64 * MiB), (16 + (i % 7)) * 2 * MiB),
                MemoryAttributes.Default));
        Assert.Equal(PlanStatus.Ok, Plan([.. map], new MemoryRequest[5], 16 * MiB, out PlannedRange[] plan).Status);
        PlanRules.Check([.. map], new MemoryRequest[5], 16 * MiB, new MemoryPlan(plan));
    }

    private static MemoryDescriptor[] Simple(ulong start, ulong end) =>
    [
        new(MemoryType.Conventional, new MemoryRange(0, 0xA0000), MemoryAttributes.Default),
        new(MemoryType.Conventional, MemoryRange.FromBounds(start, end), MemoryAttributes.Default),
    ];

    private static PlanFailure Plan(MemoryDescriptor[] map, MemoryRequest[] requests, ulong hypervisor, out PlannedRange[] ranges,
        ulong heap = 0)
    {
        PlanFailure failure =
            MemoryPlanner.Plan(map, requests, hypervisor, heap, new PlannedRange[MemoryPlanner.TableEntries], out MemoryPlan plan);
        ranges = plan.Ranges.ToArray();
        return failure;
    }

    private static ulong[] Sizes(in MemoryPlan plan)
    {
        ulong[] sizes = new ulong[plan.GuestCount];
        for (int i = 0; i < sizes.Length; i++)
            sizes[i] = plan.PartitionBytes(i);
        return sizes;
    }

    private static ulong LowBytes(PlannedRange[] plan, int guest) =>
        plan.Where(r => r.BelongsTo(guest) && r.Range.End <= 4 * GiB).Aggregate(0UL, (sum, r) => sum + r.Range.Length);

    private static IEnumerable<string> Describe(PlannedRange[] plan) =>
        plan.Select(r => $"{r.Owner}{(r.Owner == OwnerKind.Guest ? r.Guest : string.Empty)} {r.Range.Start:x}-{r.Range.End:x}");
}

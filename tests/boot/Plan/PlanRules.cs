using System;
using System.Linq;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Xunit;

namespace Switcher.Tests.Boot.Plan;

/// <summary>What must hold for every plan.</summary>
public static class PlanRules
{
    private const ulong Low = 4 * PageSize.Huge;

    public static void Check(MemoryDescriptor[] map, MemoryRequest[] requests, ulong hypervisorBytes, in MemoryPlan plan)
    {
        ulong end = 0;
        foreach (PlannedRange planned in plan.Ranges)
        {
            Assert.False(planned.Range.IsEmpty);
            Assert.True(planned.Range.Start >= end, "sorted and without overlaps");
            end = planned.Range.End;

            // Conventional descriptors alone cover the range.
            ulong covered = map.Where(d => d.Type == MemoryType.Conventional)
                .Aggregate(0UL, (sum, d) => sum + d.Range.Intersect(planned.Range).Length);
            Assert.Equal(planned.Range.Length, covered);

            ulong alignment = planned.Owner == OwnerKind.LowWindow ? PageSize.Small : PageSize.Large;
            Assert.Equal(0UL, planned.Range.Start % alignment);
            Assert.Equal(0UL, planned.Range.Length % alignment);
            if (planned.Owner != OwnerKind.LowWindow)
                Assert.True(planned.Range.Start >= 0x100000);
        }

        Assert.True(plan.Hypervisor.Length >= hypervisorBytes && plan.Hypervisor.End <= Low);
        Assert.InRange(plan.LowWindow.Length, 32 * 1024UL, 128 * 1024UL);
        Assert.True(plan.LowWindow.Start >= PageSize.Small && plan.LowWindow.End <= 0xA0000);
        Assert.Equal(requests.Length, plan.GuestCount);
        for (int guest = 0; guest < requests.Length; guest++)
        {
            ulong largestLow = 0;
            foreach (PlannedRange planned in plan.Ranges)
            {
                if (planned.BelongsTo(guest) && planned.Range.End <= Low)
                    largestLow = Math.Max(largestLow, planned.Range.Length);
            }

            Assert.True(largestLow >= MemoryPlanner.MinimumLowPiece);
            Assert.True(plan.PartitionBytes(guest) >= MemoryPlanner.MinimumPartition);
            if (requests[guest].Unit == MemoryUnit.Bytes)
                Assert.Equal(PageSize.AlignDown(requests[guest].Value, PageSize.Large), plan.PartitionBytes(guest));
        }

        CheckShares(requests, plan);
        CheckSum(map, plan);
    }

    /// <summary>Somebody has each byte of RAM, and nobody else has it.</summary>
    private static void CheckSum(MemoryDescriptor[] map, in MemoryPlan plan)
    {
        ulong sum = plan.FirmwareBytes(map) + plan.Hypervisor.Length + plan.LowWindow.Length;
        for (int guest = 0; guest < plan.GuestCount; guest++)
            sum += plan.PartitionBytes(guest);
        Assert.Equal(map.Where(descriptor => descriptor.IsRam).Aggregate(0UL, (ram, descriptor) => ram + descriptor.Range.Length), sum);
        Assert.True(plan.FirmwareBytes(map) >= plan.FirmwareHeap.Length);
    }

    /// <summary>A failure's numbers must bear it out.</summary>
    public static void CheckFailure(in PlanFailure failure, MemoryRequest[] requests)
    {
        Assert.True(failure.Needed > failure.Available, $"{failure.Status} {failure.Needed} {failure.Available}");
        Assert.InRange(failure.Index, -1, requests.Length - 1);
    }

    private static void CheckShares(MemoryRequest[] requests, in MemoryPlan plan)
    {
        ulong largest = 0;
        ulong smallest = ulong.MaxValue;
        for (int guest = 0; guest < requests.Length; guest++)
        {
            if (requests[guest].Unit != MemoryUnit.Share)
                continue;
            largest = Math.Max(largest, plan.PartitionBytes(guest));
            smallest = Math.Min(smallest, plan.PartitionBytes(guest));
        }

        Assert.True(smallest == ulong.MaxValue || largest - smallest <= PageSize.Large);
    }
}

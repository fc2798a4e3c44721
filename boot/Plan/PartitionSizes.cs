using System;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Plan;

/// <summary>How much RAM each guest gets, from what it asks for.</summary>
internal static class PartitionSizes
{
    /// <summary>Fills <paramref name="sizes"/> with multiples of 2 MiB that together are at most <paramref name="total"/>.</summary>
    public static PlanFailure Compute(ReadOnlySpan<MemoryRequest> requests, ulong total, Span<ulong> sizes)
    {
        ulong least = (ulong)requests.Length * MemoryPlanner.MinimumPartition;
        if (total < least)
            return new PlanFailure(PlanStatus.TooLittleMemory, total, least);

        ulong requested = 0;
        int sharers = 0;
        for (int i = 0; i < requests.Length; i++)
        {
            sizes[i] = Requested(requests[i], total);
            if (requests[i].Unit == MemoryUnit.Share)
            {
                sharers++;
                continue;
            }

            if (sizes[i] < MemoryPlanner.MinimumPartition)
                return new PlanFailure(PlanStatus.RequestTooSmall, sizes[i], MemoryPlanner.MinimumPartition, i);

            // Each request alone is at most `total`, or this returns: no sum of 16 overflows.
            requested += sizes[i];
            if (sizes[i] > total || requested > total)
                return new PlanFailure(PlanStatus.RequestsTooLarge, total, Math.Max(sizes[i], requested), i);
        }

        if (sharers == 0)
            return default;

        ulong rest = total - requested;
        if (rest < (ulong)sharers * MemoryPlanner.MinimumPartition)
            return new PlanFailure(PlanStatus.RequestsTooLarge, total, requested + ((ulong)sharers * MemoryPlanner.MinimumPartition));

        for (int i = 0; i < requests.Length; i++)
        {
            if (requests[i].Unit != MemoryUnit.Share)
                continue;
            sizes[i] = PageSize.AlignUp(rest / (ulong)sharers, PageSize.Large);
            if (sizes[i] * (ulong)sharers > rest)
                sizes[i] -= PageSize.Large;
            rest -= sizes[i];
            sharers--;
        }

        return default;
    }

    private static ulong Requested(MemoryRequest request, ulong total) => request.Unit switch
    {
        MemoryUnit.Bytes => PageSize.AlignDown(request.Value, PageSize.Large),
        MemoryUnit.Percent when request.Value > 100 => ulong.MaxValue - PageSize.Large,
        MemoryUnit.Percent => PageSize.AlignDown(total * request.Value / 100, PageSize.Large),
        _ => 0,
    };
}

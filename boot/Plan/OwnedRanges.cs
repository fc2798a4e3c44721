using System;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Plan;

/// <summary>
/// The RAM above the first MiB that a guest may call its own in the run phase: its partition, and for the last guest what the firmware
/// leaves.
/// </summary>
public static class OwnedRanges
{
    private const ulong FirstMebibyte = 1024 * 1024;

    /// <summary>Writes the ranges, sorted and merged.</summary>
    /// <param name="firmwareMap">The firmware's map, in any order.</param>
    /// <param name="ranges">Where to; what does not fit is left out.</param>
    /// <returns>Ranges written.</returns>
    public static int Write(
        ReadOnlySpan<MemoryDescriptor> firmwareMap, in MemoryPlan plan, in GuestPlacement guest, Span<MemoryRange> ranges)
    {
        int count = 0;
        foreach (MemorySegment segment in new MemorySweep(firmwareMap, plan))
        {
            if (segment.Range.Start < FirstMebibyte || !IsOwned(segment, guest))
                continue;
            if (count > 0 && ranges[count - 1].End == segment.Range.Start)
                ranges[count - 1] = MemoryRange.FromBounds(ranges[count - 1].Start, segment.Range.End);
            else if (count < ranges.Length)
                ranges[count++] = segment.Range;
        }

        return count;
    }

    private static bool IsOwned(in MemorySegment segment, in GuestPlacement guest)
    {
        if (segment.BelongsTo(guest.Guest))
            return true;
        return guest.Kind == GuestKind.Last
            && segment.IsDescribed
            && segment.Owner is OwnerKind.Firmware or OwnerKind.FirmwareHeap
            && segment.Type is MemoryType.LoaderCode or MemoryType.LoaderData or MemoryType.BootServicesCode or MemoryType.BootServicesData
                or MemoryType.Conventional;
    }
}

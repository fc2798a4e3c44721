using System;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Plan;

/// <summary>
/// The window below 640 KiB that guests see. Both Linux and Windows put the code that starts processors and wakes from S3 there. It
/// is small because DMA there would miss the private backing: the less an OS gets, the less it can hand to a device. It is the top of the
/// range, since Linux leaves the first 64 KiB alone.
/// </summary>
public static class LowWindow
{
    /// <summary>The end of conventional memory on a PC, in bytes.</summary>
    public const ulong ConventionalEnd = 640 * 1024;

    private const ulong Maximum = 128 * 1024;

    // Linux needs some 32 KiB in one piece, Windows less.
    private const ulong Minimum = 32 * 1024;

    public static PlanFailure Find(ReadOnlySpan<MemoryDescriptor> firmwareMap, out MemoryRange window)
    {
        MemoryRange largest = default;
        foreach (MemoryRange range in new ConventionalRanges(firmwareMap))
        {
            // Page 0 holds the real-mode vectors and the BIOS data area.
            MemoryRange low = MemoryRange.FromBounds(Math.Max(range.Start, PageSize.Small), Math.Min(range.End, ConventionalEnd));
            if (low.Length >= largest.Length && !low.IsEmpty)
                largest = low;
        }

        ulong length = Math.Min(largest.Length, Maximum);
        window = new MemoryRange(largest.End - length, length);
        return length < Minimum ? new PlanFailure(PlanStatus.NoLowWindow, length, Minimum) : default;
    }
}

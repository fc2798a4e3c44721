using System;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Plan;

public enum MapStatus
{
    Ok,

    /// <summary>The map has more descriptors than the caller's buffer; the count says how many.</summary>
    BufferTooSmall,
}

/// <summary>
/// The map that a guest's loader and OS get from GetMemoryMap(): sorted, without overlaps, neighbours of one kind merged. It only hides:
/// every address that it offers as RAM is the guest's own.
/// </summary>
public static class GuestMemoryMap
{
    /// <summary>Writes the map of <paramref name="guest"/>.</summary>
    /// <param name="firmwareMap">The firmware's map as it is now, in any order.</param>
    /// <param name="plan">Who owns what.</param>
    /// <param name="partition">What the guest's loader has allocated and what is free: descriptors that cover the partition.</param>
    /// <param name="guest">The guest's index in the plan.</param>
    /// <param name="output">Receives the map as far as it goes.</param>
    /// <param name="count">The number of descriptors that the whole map has.</param>
    public static MapStatus Write(
        ReadOnlySpan<MemoryDescriptor> firmwareMap,
        in MemoryPlan plan,
        ReadOnlySpan<MemoryDescriptor> partition,
        int guest,
        Span<MemoryDescriptor> output,
        out int count)
    {
        MapWriter writer = new(output);
        foreach (MemorySegment segment in new MemorySweep(firmwareMap, plan))
        {
            MemoryAttributes caching = CachingOf(segment);
            if (segment.BelongsTo(guest) || segment.Owner == OwnerKind.LowWindow)
            {
                foreach (ref readonly MemoryDescriptor own in partition)
                {
                    MemoryRange part = own.Range.Intersect(segment.Range);
                    if (!part.IsEmpty)
                        writer.Add(own.Type, part, caching | (own.Attribute & MemoryAttributes.Runtime));
                }
            }
            else if (segment.Owner is OwnerKind.Hypervisor or OwnerKind.Guest)
            {
                writer.Add(MemoryType.Reserved, segment.Range, caching);
            }
            else if (!segment.IsDescribed)
            {
                continue;
            }
            else
            {
                writer.Add(
                    IsShown(segment) ? segment.Type : MemoryType.Reserved,
                    segment.Range,
                    segment.Attribute & ~MemoryAttributes.Runtime);
            }
        }

        count = writer.Count;
        return count <= output.Length ? MapStatus.Ok : MapStatus.BufferTooSmall;
    }

    private static MemoryAttributes CachingOf(in MemorySegment segment)
    {
        MemoryAttributes caching = segment.Attribute & MemoryAttributes.Default;
        return segment.IsDescribed && caching != 0 ? caching : MemoryAttributes.Default;
    }

    /// <summary>
    /// What a guest sees as the firmware describes it: devices, and the ACPI memory of which it has private copies at the same addresses.
    /// The rest of the firmware's memory stays the firmware's, its runtime services too: a guest has some of its own.
    /// </summary>
    private static bool IsShown(in MemorySegment segment) => segment.Type switch
    {
        MemoryType.MemoryMappedIo or MemoryType.MemoryMappedIoPortSpace or MemoryType.Unusable => true,
        MemoryType.AcpiReclaim or MemoryType.AcpiNvs => segment.Range.Start >= LowWindow.ConventionalEnd,
        _ => false,
    };

    private ref struct MapWriter
    {
        private readonly Span<MemoryDescriptor> output;
        private MemoryDescriptor last;

        public MapWriter(Span<MemoryDescriptor> output) => this.output = output;

        /// <summary>Also counts what does not fit.</summary>
        public int Count { get; private set; }

        public void Add(MemoryType type, MemoryRange range, MemoryAttributes attribute)
        {
            if (Count > 0 && last.Type == type && last.Attribute == attribute && last.Range.End == range.Start)
            {
                last.NumberOfPages += range.Length / PageSize.Small;
            }
            else
            {
                last = new MemoryDescriptor(type, range, attribute);
                Count++;
            }

            if (Count <= output.Length)
                output[Count - 1] = last;
        }
    }
}

using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Text;

namespace Switcher.Boot.Plan;

/// <summary>
/// Who owns which RAM: a view of the sorted table that <see cref="MemoryPlanner"/> fills. RAM that the table does not name is the
/// firmware's. The table may be copied elsewhere and viewed there again.
/// </summary>
public readonly ref struct MemoryPlan
{
    /// <summary>Sorted by address, without overlaps.</summary>
    public readonly ReadOnlySpan<PlannedRange> Ranges;

    // As many as fit into a line.
    private const int MostRangesOfALine = 24;

    public MemoryPlan(ReadOnlySpan<PlannedRange> ranges) => Ranges = ranges;

    /// <summary>2 MiB aligned, below 4 GiB.</summary>
    public MemoryRange Hypervisor => First(OwnerKind.Hypervisor);

    /// <summary>Page aligned, below 640 KiB.</summary>
    public MemoryRange LowWindow => First(OwnerKind.LowWindow);

    public MemoryRange FirmwareHeap => First(OwnerKind.FirmwareHeap);

    public int GuestCount
    {
        get
        {
            int count = 0;
            foreach (ref readonly PlannedRange planned in Ranges)
            {
                if (planned.Owner == OwnerKind.Guest && planned.Guest >= count)
                    count = planned.Guest + 1;
            }

            return count;
        }
    }

    /// <summary>The size of a guest's partition in bytes.</summary>
    public ulong PartitionBytes(int guest)
    {
        ulong bytes = 0;
        foreach (ref readonly PlannedRange planned in Ranges)
        {
            if (planned.BelongsTo(guest))
                bytes += planned.Range.Length;
        }

        return bytes;
    }

    /// <summary>RAM that stays the firmware's, in bytes: its programs, its data, and what it reserves to itself of what was free.</summary>
    /// <param name="firmwareMap">The map that the plan was made from.</param>
    public ulong FirmwareBytes(ReadOnlySpan<MemoryDescriptor> firmwareMap)
    {
        ulong bytes = 0;
        foreach (ref readonly MemoryDescriptor descriptor in firmwareMap)
        {
            if (descriptor.IsRam)
                bytes += descriptor.Range.Length;
        }

        foreach (ref readonly PlannedRange planned in Ranges)
        {
            if (planned.Owner != OwnerKind.FirmwareHeap)
                bytes -= planned.Range.Length;
        }

        return bytes;
    }

    /// <summary>Appends <c>0xSTART+0xLENGTH,0xSTART+0xLENGTH</c> of a guest's partition to a line.</summary>
    public void AppendRanges(ref LogLine line, int guest)
    {
        int count = 0;
        foreach (ref readonly PlannedRange planned in Ranges)
        {
            if (!planned.BelongsTo(guest) || count == MostRangesOfALine)
                continue;
            if (count++ > 0)
                line.Text(","u8);
            line.Range(planned.Range);
        }
    }

    /// <summary>The table's entry that holds <paramref name="address"/>, or one of the firmware's with an empty range.</summary>
    public PlannedRange Find(ulong address)
    {
        foreach (ref readonly PlannedRange planned in Ranges)
        {
            if (planned.Range.Contains(address))
                return planned;
        }

        return default;
    }

    private MemoryRange First(OwnerKind owner)
    {
        foreach (ref readonly PlannedRange planned in Ranges)
        {
            if (planned.Owner == owner)
                return planned.Range;
        }

        return default;
    }
}

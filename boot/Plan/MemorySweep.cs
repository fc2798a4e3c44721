using System;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Plan;

/// <summary>A range that lies in one descriptor of the firmware (or between them) and has one owner by the plan.</summary>
public readonly struct MemorySegment
{
    public readonly MemoryRange Range;

    /// <summary>Whether the firmware's map names the range at all. If not, type and attributes mean nothing.</summary>
    public readonly bool IsDescribed;

    public readonly MemoryType Type;

    public readonly MemoryAttributes Attribute;

    public readonly OwnerKind Owner;

    /// <summary>The index of the owner if that is a guest.</summary>
    public readonly int Guest;

    public MemorySegment(MemoryRange range, bool isDescribed, in MemoryDescriptor descriptor, in PlannedRange planned)
    {
        Range = range;
        IsDescribed = isDescribed;
        Type = descriptor.Type;
        Attribute = descriptor.Attribute;
        Owner = planned.Owner;
        Guest = planned.Guest;
    }

    public bool BelongsTo(int guest) => Owner == OwnerKind.Guest && Guest == guest;
}

/// <summary>
/// Walks a firmware map and a plan together, from address 0 up: every address that either names comes once, in segments of one descriptor
/// and one owner that do not cross 640 KiB. The map may be in any order. Use with foreach.
/// </summary>
public ref struct MemorySweep
{
    private readonly ReadOnlySpan<MemoryDescriptor> firmwareMap;
    private readonly ReadOnlySpan<PlannedRange> planned;
    private ulong cursor;

    public MemorySweep(ReadOnlySpan<MemoryDescriptor> firmwareMap, in MemoryPlan plan)
    {
        this.firmwareMap = firmwareMap;
        planned = plan.Ranges;
    }

    public MemorySegment Current { get; private set; }

    public readonly MemorySweep GetEnumerator() => this;

    public bool MoveNext()
    {
        while (cursor != ulong.MaxValue)
        {
            ulong end = cursor < LowWindow.ConventionalEnd ? LowWindow.ConventionalEnd : ulong.MaxValue;
            MemoryDescriptor descriptor = default;
            bool isDescribed = false;
            foreach (ref readonly MemoryDescriptor candidate in firmwareMap)
            {
                MemoryRange range = candidate.Range;
                if (!isDescribed && range.Contains(cursor))
                {
                    isDescribed = true;
                    descriptor = candidate;
                    end = Math.Min(end, range.End);
                }
                else if (range.Start > cursor && !range.IsEmpty)
                {
                    end = Math.Min(end, range.Start);
                }
            }

            PlannedRange owner = default;
            foreach (ref readonly PlannedRange candidate in planned)
            {
                if (candidate.Range.Contains(cursor))
                {
                    owner = candidate;
                    end = Math.Min(end, candidate.Range.End);
                }
                else if (candidate.Range.Start > cursor)
                {
                    end = Math.Min(end, candidate.Range.Start);
                }
            }

            MemoryRange segment = MemoryRange.FromBounds(cursor, end);
            cursor = end;
            if (!isDescribed && owner.Range.IsEmpty)
                continue;
            Current = new MemorySegment(segment, isDescribed, descriptor, owner);
            return true;
        }

        return false;
    }
}

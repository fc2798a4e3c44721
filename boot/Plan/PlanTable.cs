using System;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Plan;

/// <summary>
/// The planner's working table, in the caller's storage: pieces of RAM sorted by address, each with an owner. A piece is the firmware's
/// until it is taken; taking a part of it splits it.
/// </summary>
internal ref struct PlanTable
{
    private readonly Span<PlannedRange> entries;

    public PlanTable(Span<PlannedRange> storage) => entries = storage;

    public int Count { get; private set; }

    public readonly ReadOnlySpan<PlannedRange> Entries => entries[..Count];

    /// <summary>Adds an entry at its place. The caller knows that there is room.</summary>
    public void Add(in PlannedRange planned)
    {
        int index = Count;
        while (index > 0 && entries[index - 1].Range.Start > planned.Range.Start)
        {
            entries[index] = entries[index - 1];
            index--;
        }

        entries[index] = planned;
        Count++;
    }

    public void RemoveAt(int index)
    {
        for (int i = index + 1; i < Count; i++)
            entries[i - 1] = entries[i];
        Count--;
    }

    /// <summary>Gives the top <paramref name="bytes"/> of a free piece to an owner.</summary>
    public void TakeTop(int index, ulong bytes, OwnerKind owner, int guest = 0)
    {
        MemoryRange free = entries[index].Range;
        MemoryRange taken = new(free.End - bytes, bytes);
        if (bytes == free.Length)
            RemoveAt(index);
        else
            entries[index] = new PlannedRange(new MemoryRange(free.Start, free.Length - bytes), OwnerKind.Firmware);
        Add(new PlannedRange(taken, owner, guest));
    }

    /// <summary>The smallest free piece of at least <paramref name="bytes"/> on one side of 4 GiB, the highest of several, or -1.</summary>
    public readonly int FindSmallest(ulong bytes, bool low)
    {
        int best = -1;
        for (int i = 0; i < Count; i++)
        {
            if (IsFree(i, low) && entries[i].Range.Length >= bytes
                && (best < 0 || entries[i].Range.Length <= entries[best].Range.Length))
                best = i;
        }

        return best;
    }

    /// <summary>The largest free piece on one side of 4 GiB, the highest of several, or -1.</summary>
    public readonly int FindLargest(bool low)
    {
        int best = -1;
        for (int i = 0; i < Count; i++)
        {
            if (IsFree(i, low) && (best < 0 || entries[i].Range.Length >= entries[best].Range.Length))
                best = i;
        }

        return best;
    }

    /// <summary>The highest free piece of at least <paramref name="bytes"/> below 4 GiB, or -1.</summary>
    public readonly int FindHighestLow(ulong bytes)
    {
        for (int i = Count - 1; i >= 0; i--)
        {
            if (IsFree(i, low: true) && entries[i].Range.Length >= bytes)
                return i;
        }

        return -1;
    }

    /// <summary>
    /// The free piece that ends where a guest's range begins, on one side of 4 GiB, or -1: taking its top makes that range longer.
    /// </summary>
    public readonly int FindBelow(int guest, bool low)
    {
        for (int i = Count - 2; i >= 0; i--)
        {
            if (IsFree(i, low) && entries[i + 1].BelongsTo(guest) && entries[i + 1].Range.Start == entries[i].Range.End)
                return i;
        }

        return -1;
    }

    public readonly ulong FreeBytes(bool low)
    {
        ulong bytes = 0;
        for (int i = 0; i < Count; i++)
        {
            if (IsFree(i, low))
                bytes += entries[i].Range.Length;
        }

        return bytes;
    }

    /// <summary>Forgets free pieces shorter than <paramref name="bytes"/>: they stay with the firmware.</summary>
    public void RemoveFreeBelow(ulong bytes)
    {
        for (int i = Count - 1; i >= 0; i--)
        {
            if (entries[i].Owner == OwnerKind.Firmware && entries[i].Range.Length < bytes)
                RemoveAt(i);
        }
    }

    /// <summary>Joins neighbours of the same owner.</summary>
    public void Merge()
    {
        for (int i = Count - 1; i > 0; i--)
        {
            ref PlannedRange lower = ref entries[i - 1];
            ref PlannedRange upper = ref entries[i];
            if (lower.Owner != upper.Owner || lower.Guest != upper.Guest || lower.Range.End != upper.Range.Start)
                continue;
            lower = new PlannedRange(MemoryRange.FromBounds(lower.Range.Start, upper.Range.End), lower.Owner, lower.Guest);
            RemoveAt(i);
        }
    }

    private readonly bool IsFree(int index, bool low) =>
        entries[index].Owner == OwnerKind.Firmware && entries[index].Range.Start < MemoryPlanner.FourGibibytes == low;
}

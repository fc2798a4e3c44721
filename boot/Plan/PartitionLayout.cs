using System;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Plan;

/// <summary>
/// Places partitions of given sizes. RAM below 4 GiB is shared out evenly, whatever the sizes, because what needs it (32-bit DMA, bounce
/// buffers, loaders) does not grow with an OS; each guest gets one first piece there, the smallest of which is as large as can be.
/// </summary>
internal static class PartitionLayout
{
    public static PlanFailure Place(scoped ReadOnlySpan<ulong> sizes, ref PlanTable pieces)
    {
        Span<ulong> lowSizes = stackalloc ulong[MemoryPlanner.MaximumGuests];
        lowSizes = lowSizes[..sizes.Length];
        ShareEvenly(sizes, pieces.FreeBytes(low: true), lowSizes);

        ulong firstPiece = LargestFirstPiece(lowSizes, pieces);
        for (int guest = 0; guest < sizes.Length; guest++)
        {
            ulong bytes = Math.Min(lowSizes[guest], firstPiece);
            if (bytes < MemoryPlanner.MinimumLowPiece)
                return new PlanFailure(PlanStatus.TooLittleLowMemory, bytes, MemoryPlanner.MinimumLowPiece, guest);
        }

        for (int guest = 0; guest < sizes.Length; guest++)
        {
            ulong bytes = Math.Min(lowSizes[guest], firstPiece);
            pieces.TakeTop(pieces.FindSmallest(bytes, low: true), bytes, OwnerKind.Guest, guest);
            lowSizes[guest] -= bytes;
        }

        for (int guest = 0; guest < sizes.Length; guest++)
            Fill(guest, lowSizes[guest], low: true, ref pieces);

        for (int guest = 0; guest < sizes.Length; guest++)
            Fill(guest, sizes[guest] - OwnedBy(guest, pieces), low: false, ref pieces);
        return default;
    }

    /// <summary>
    /// Shares <paramref name="total"/> out so that nobody gets more than its size, and nobody less than another unless that is its size.
    /// </summary>
    private static void ShareEvenly(ReadOnlySpan<ulong> sizes, ulong total, Span<ulong> shares)
    {
        int open = sizes.Length;
        ulong level = 0;
        while (open > 0)
        {
            // Everyone who is not full has `level`. Raise it to the next size at which somebody is full, or as far as the rest reaches.
            ulong next = ulong.MaxValue;
            foreach (ulong size in sizes)
                next = size > level ? Math.Min(next, size) : next;

            ulong step = Math.Min(next - level, PageSize.AlignDown(total / (ulong)open, PageSize.Large));
            level += step;
            total -= step * (ulong)open;
            if (level != next)
                break;
            open = 0;
            foreach (ulong size in sizes)
                open += size > level ? 1 : 0;
        }

        for (int i = 0; i < sizes.Length; i++)
        {
            shares[i] = Math.Min(sizes[i], level);
            if (sizes[i] > level && total >= PageSize.Large)
            {
                shares[i] += PageSize.Large;
                total -= PageSize.Large;
            }
        }
    }

    /// <summary>
    /// The largest length (0 if there is none) such that each guest can have a piece of it, or of its whole low share if that is less.
    /// </summary>
    private static ulong LargestFirstPiece(scoped ReadOnlySpan<ulong> lowSizes, in PlanTable pieces)
    {
        ulong fits = 0;
        ulong tooMuch = MemoryPlanner.FourGibibytes / PageSize.Large;
        while (tooMuch - fits > 1)
        {
            ulong middle = (fits + tooMuch) / 2;
            if (Fits(lowSizes, middle * PageSize.Large, pieces))
                fits = middle;
            else
                tooMuch = middle;
        }

        return fits * PageSize.Large;
    }

    /// <summary>
    /// Whether taking the smallest sufficient piece for one guest after the other succeeds, as <see cref="Place"/> does it.
    /// </summary>
    private static bool Fits(ReadOnlySpan<ulong> lowSizes, ulong firstPiece, in PlanTable pieces)
    {
        Span<PlannedRange> trialEntries = stackalloc PlannedRange[MemoryPlanner.TableEntries];
        PlanTable trial = new(trialEntries);
        foreach (ref readonly PlannedRange piece in pieces.Entries)
            trial.Add(piece);

        foreach (ulong lowSize in lowSizes)
        {
            ulong bytes = Math.Min(lowSize, firstPiece);
            int index = trial.FindSmallest(bytes, low: true);
            if (index < 0)
                return false;
            trial.TakeTop(index, bytes, OwnerKind.Guest);
        }

        return true;
    }

    /// <summary>Gives a guest <paramref name="bytes"/> more: first what lengthens a range that it has, then the largest pieces.</summary>
    private static void Fill(int guest, ulong bytes, bool low, ref PlanTable pieces)
    {
        while (bytes > 0)
        {
            int index = pieces.FindBelow(guest, low);
            if (index < 0)
                index = pieces.FindLargest(low);
            if (index < 0)
                return;
            ulong part = Math.Min(bytes, pieces.Entries[index].Range.Length);
            pieces.TakeTop(index, part, OwnerKind.Guest, guest);
            bytes -= part;
        }
    }

    private static ulong OwnedBy(int guest, in PlanTable pieces)
    {
        ulong bytes = 0;
        foreach (ref readonly PlannedRange piece in pieces.Entries)
            bytes += piece.BelongsTo(guest) ? piece.Range.Length : 0;
        return bytes;
    }
}

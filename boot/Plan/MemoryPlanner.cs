using System;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Plan;

/// <summary>
/// Computes the <see cref="MemoryPlan"/>: a pure function of the firmware's map and the guests' requests. What is given away is
/// conventional memory in units of 2 MiB, so that partitions never share a large page. Everything below 1 MiB, pieces that are not worth a
/// range of their own, and a heap at the top of low RAM stay with the firmware, which goes on living. Guest 0 lies highest among equals.
/// </summary>
public static class MemoryPlanner
{
    public const int MinimumGuests = 2;
    public const int MaximumGuests = 16;

    /// <summary>Far above what firmware has; checking for overlaps takes time in the square of it.</summary>
    public const int MaximumDescriptors = 4096;

    /// <summary>The smallest partition: an ordinary kernel with its initial RAM disk gets nowhere with less. In bytes.</summary>
    public const ulong MinimumPartition = 192 * Mebibyte;

    /// <summary>The smallest first piece of a partition below 4 GiB, in bytes.</summary>
    public const ulong MinimumLowPiece = 128 * Mebibyte;

    /// <summary>The length that the table for a plan must have.</summary>
    public const int TableEntries = MaximumPieces + (4 * MaximumGuests) + 8;

    internal const ulong FourGibibytes = 4 * PageSize.Huge;

    private const ulong Mebibyte = 1024 * 1024;

    // A shorter piece stays with the firmware: it would cost page tables in every guest and help no one.
    private const ulong MinimumPiece = 16 * Mebibyte;

    private const int MaximumPieces = 64;

    /// <summary>Plans the machine.</summary>
    /// <param name="firmwareMap">GetMemoryMap's descriptors, in any order.</param>
    /// <param name="requests">One for each guest; index 0 starts first.</param>
    /// <param name="hypervisorBytes">What the hypervisor needs in one piece.</param>
    /// <param name="firmwareHeapBytes">What the firmware needs to go on working, or 0 for a default of 8 to 32 MiB by the size of the
    /// machine.</param>
    /// <param name="table">Storage of <see cref="TableEntries"/> for the plan, which is a view of it.</param>
    /// <param name="plan">The plan, empty after a failure.</param>
    /// <returns>What is wrong, with the numbers, or a status of <see cref="PlanStatus.Ok"/>.</returns>
    public static PlanFailure Plan(
        ReadOnlySpan<MemoryDescriptor> firmwareMap,
        ReadOnlySpan<MemoryRequest> requests,
        ulong hypervisorBytes,
        ulong firmwareHeapBytes,
        Span<PlannedRange> table,
        out MemoryPlan plan)
    {
        plan = default;
        if (requests.Length is < MinimumGuests or > MaximumGuests)
        {
            ulong needed = requests.Length < MinimumGuests ? MinimumGuests : (ulong)MaximumGuests;
            return new PlanFailure(PlanStatus.GuestCount, (ulong)requests.Length, needed);
        }

        if (table.Length < TableEntries)
            return new PlanFailure(PlanStatus.TableTooSmall, (ulong)table.Length, TableEntries);

        PlanFailure failure = FirmwareMapCheck.Check(firmwareMap);
        if (failure.Status != PlanStatus.Ok)
            return failure;

        PlanTable pieces = new(table);
        failure = LowWindow.Find(firmwareMap, out MemoryRange lowWindow);
        if (failure.Status != PlanStatus.Ok)
            return failure;

        CollectPieces(firmwareMap, ref pieces);
        ulong heap = PageSize.AlignUp(firmwareHeapBytes, PageSize.Large);
        failure = TakeFixed(ref pieces, heap, PageSize.AlignUp(hypervisorBytes, PageSize.Large));
        if (failure.Status != PlanStatus.Ok)
            return failure;

        Span<ulong> sizes = stackalloc ulong[MaximumGuests];
        sizes = sizes[..requests.Length];
        failure = PartitionSizes.Compute(requests, pieces.FreeBytes(low: true) + pieces.FreeBytes(low: false), sizes);
        if (failure.Status != PlanStatus.Ok)
            return failure;

        failure = PartitionLayout.Place(sizes, ref pieces);
        if (failure.Status != PlanStatus.Ok)
            return failure;

        pieces.RemoveFreeBelow(ulong.MaxValue);
        pieces.Add(new PlannedRange(lowWindow, OwnerKind.LowWindow));
        pieces.Merge();
        plan = new MemoryPlan(pieces.Entries);
        return default;
    }

    private static void CollectPieces(ReadOnlySpan<MemoryDescriptor> firmwareMap, ref PlanTable pieces)
    {
        foreach (MemoryRange range in new ConventionalRanges(firmwareMap))
        {
            // 2 MiB alignment also leaves out everything below 1 MiB, but not for a range that starts at 0.
            ulong start = PageSize.AlignUp(range.Start == 0 ? 1 : range.Start, PageSize.Large);
            ulong end = PageSize.AlignDown(range.End, PageSize.Large);
            if (start < FourGibibytes && end > FourGibibytes)
            {
                AddPiece(MemoryRange.FromBounds(start, FourGibibytes), ref pieces);
                start = FourGibibytes;
            }

            AddPiece(MemoryRange.FromBounds(start, end), ref pieces);
        }
    }

    private static void AddPiece(MemoryRange piece, ref PlanTable pieces)
    {
        if (piece.Length < MinimumPiece)
            return;

        if (pieces.Count == MaximumPieces)
        {
            int smallest = 0;
            for (int i = 1; i < pieces.Count; i++)
            {
                if (pieces.Entries[i].Range.Length < pieces.Entries[smallest].Range.Length)
                    smallest = i;
            }

            if (pieces.Entries[smallest].Range.Length >= piece.Length)
                return;
            pieces.RemoveAt(smallest);
        }

        pieces.Add(new PlannedRange(piece, OwnerKind.Firmware));
    }

    /// <summary>
    /// The firmware's heap at the top of low RAM, then the hypervisor at the top of the smallest piece that holds it, which is the one
    /// right below if there is only one.
    /// </summary>
    private static PlanFailure TakeFixed(ref PlanTable pieces, ulong heap, ulong hypervisor)
    {
        ulong low = pieces.FreeBytes(low: true);
        if (heap == 0)
        {
            ulong share = PageSize.AlignDown((low + pieces.FreeBytes(low: false)) / 64, PageSize.Large);
            heap = Math.Min(Math.Max(share, 8 * Mebibyte), 32 * Mebibyte);
        }

        int index = pieces.FindHighestLow(heap);
        if (index < 0)
            return new PlanFailure(PlanStatus.NoRoomForFirmware, low, heap);
        pieces.TakeTop(index, heap, OwnerKind.FirmwareHeap);

        index = pieces.FindSmallest(hypervisor, low: true);
        if (index < 0)
            return new PlanFailure(PlanStatus.NoRoomForHypervisor, low - heap, hypervisor);
        pieces.TakeTop(index, hypervisor, OwnerKind.Hypervisor);
        pieces.RemoveFreeBelow(MinimumPiece);
        return default;
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Runner.Flash;

namespace Switcher.Tests.Scenarios.Flash;

/// <summary>A moment at which the emulator is killed: after some write of an operation.</summary>
/// <param name="Writes">How many writes of the operation were made.</param>
/// <param name="Part">What the last of them changed; null before the first.</param>
/// <param name="IsInPlace">
/// A fault tolerant write has its copy in the spare block, says so in the journal, and is now writing in place.
/// </param>
/// <param name="HasHeader">The store's header is whole. To write in place begins with erasing everything.</param>
/// <param name="Flash">The flash then.</param>
internal sealed record KillPoint(int Writes, FlashPart? Part, bool IsInPlace, bool HasHeader, byte[] Flash)
{
    /// <summary>Chooses moments of an operation and makes the flash of each. Writes that change nothing give none.</summary>
    /// <param name="operation">Its writes.</param>
    /// <param name="always">
    /// The parts of the store before and after each change of which the emulator is killed; so it is where one block ends and the next
    /// begins, and around the store's own header.
    /// </param>
    /// <param name="spread">How many further moments there are, evenly spread; all of them if there are not more.</param>
    /// <param name="changes">How many of the writes change something.</param>
    public static IEnumerable<KillPoint> Choose(
        FlashSession session, Range operation, IReadOnlySet<FlashPart> always, int spread, out int changes)
    {
        (int first, int end) = (operation.Start.Value, operation.End.Value);
        FlashReplay replay = session.Replay();
        replay.AdvanceTo(end);
        VariableStore layout = VariableStore.Read(replay.Store);

        replay = session.Replay();
        replay.AdvanceTo(first);
        var changing = new List<(int Writes, FlashPart? Part)> { (0, null) };
        while (replay.Position < end)
        {
            Range changed = replay.Step();
            if (changed.Start.Value < changed.End.Value)
                changing.Add((replay.Position - first, layout.PartOf(changed.Start.Value)));
        }

        changes = changing.Count - 1;
        var chosen = new SortedSet<int> { 0, Math.Min(1, changes), changes };
        for (int i = 1; i <= changes; i++)
        {
            FlashPart part = changing[i].Part!.Value;
            FlashPart before = changing[i - 1].Part ?? part;
            if (always.Contains(part) || BlockOf(part) != BlockOf(before)
                || (part == FlashPart.StoreHeader) != (before == FlashPart.StoreHeader))
                chosen.UnionWith([i - 1, i]);
        }

        int step = Math.Max(1, changes / Math.Max(1, Math.Min(spread, changes)));
        for (int i = step; spread > 0 && i <= changes; i += step)
            chosen.Add(i);
        byte[] header = replay.Store[..layout.HeaderBytes].ToArray();
        return Make(session, first, header, [.. chosen.Select(i => (changing[i].Writes, changing[i].Part, IsWrittenInPlace(changing, i)))]);
    }

    private static FlashPart BlockOf(FlashPart part) => part switch
    {
        FlashPart.Spare or FlashPart.EventLog => part,
        FlashPart.Working or FlashPart.WorkingState => FlashPart.Working,
        _ => FlashPart.StoreHeader,
    };

    /// <summary>From the last note in the journal before the store changes, to the first one after that.</summary>
    private static bool IsWrittenInPlace(List<(int Writes, FlashPart? Part)> changing, int i)
    {
        if (changing[i].Part is not { } part || BlockOf(part) is FlashPart.Spare or FlashPart.EventLog)
            return false;
        if (BlockOf(part) == FlashPart.Working)
            return i + 1 < changing.Count && changing[i + 1].Part is { } next && BlockOf(next) == FlashPart.StoreHeader;
        return changing.FindLastIndex(i, change => change.Part is { } before && BlockOf(before) == FlashPart.Working) >= 0;
    }

    /// <summary>One after the other, since many do not fit into memory.</summary>
    private static IEnumerable<KillPoint> Make(
        FlashSession session, int first, byte[] header, IReadOnlyList<(int Writes, FlashPart? Part, bool IsInPlace)> chosen)
    {
        FlashReplay replay = session.Replay();
        foreach ((int writes, FlashPart? part, bool isInPlace) in chosen)
        {
            replay.AdvanceTo(first + writes);
            yield return new KillPoint(writes, part, isInPlace, replay.Store.StartsWith(header), replay.Store.ToArray());
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Switcher.Runner.Flash;
using Switcher.Tests.Scenarios.SmallGuests;
using Xunit;
using Xunit.Abstractions;

namespace Switcher.Tests.Scenarios.Flash;

/// <summary>
/// Promise 6 where the firmware has to clean up a full store. They take minutes, so they run where <c>SWITCHER_FLASH_KILLS</c> says how
/// many moments are tried besides those that count most.
/// </summary>
/// <param name="rig">Where they run.</param>
/// <param name="readsJournalFirst">
/// Whether this firmware looks at the journal before it reads a variable. By itself it then loses variables only while the store has no
/// header, otherwise at any time while it writes in place.
/// </param>
public abstract class ReclaimScenarios(TestRig rig, bool readsJournalFirst, ITestOutputHelper output)
{
    /// <summary>Larger than what is left of the store after a few times, and small enough for every firmware.</summary>
    private const int FillBytes = 8000;
    private const int MostFills = 100;

    /// <summary>A write of a variable of that size without a reclaim takes hardly more writes than it has bytes.</summary>
    private const int MostWritesOfAFill = 2 * FillBytes;

    /// <summary>Enough for one reclaim, and not for two.</summary>
    private const int FillsToReclaim = 36;

    private const string HowToRun = "takes minutes: set SWITCHER_FLASH_KILLS to a number of moments, 4 for instance, to run it";

    /// <summary>
    /// When the store is full, the firmware writes all of it anew: first to the spare block, then in place, and notes in a journal how far
    /// it is. No firmware does that once boot services have ended; in Switcher's domain they never do.
    /// </summary>
    [SkippableFact]
    public async Task Promise6_KilledWhileTheStoreIsReclaimed_TheNextBootFindsTheOldOrTheNewValue()
    {
        Skip.If(Kills.Asked is null, HowToRun);
        int fills = 0;
        Range last = default;
        using FlashSession session = await FlashSession.RecordAsync(rig, async (session, machine, cancel) =>
        {
            await session.WritesOfAsync(machine, Kills.Set(Kills.Bystander, Kills.BystandersValue), cancel);
            do
            {
                Assert.True(++fills < MostFills, "the firmware never reclaims its store");
                last = await session.WritesOfAsync(machine, Kills.Set(Kills.Variable, SharedValue.Of(FillBytes, fills)), cancel);
            }
            while (last.End.Value - last.Start.Value < MostWritesOfAFill);
        });
        IEnumerable<KillPoint> points = KillPoint.Choose(
            session, last, new HashSet<FlashPart> { FlashPart.WorkingState }, Kills.Asked.Value, out int changes);
        KillTable table = await new Kills(rig, output).BootAllAsync(
            "a full store is reclaimed", last, changes, points, SharedValue.Of(FillBytes, fills - 1), SharedValue.Of(FillBytes, fills));
        table.AssertOldThenNew(unless: IsLost);
    }

    /// <summary>
    /// Why the test of the reclaim leaves moments out: cut short there, this firmware loses variables without Switcher as well. If this
    /// test fails, the firmware does not do that any more, and nothing has to be left out.
    /// </summary>
    [SkippableFact]
    public async Task Firmware_KilledWhileItReclaimsWithoutSwitcher_LosesVariablesToo()
    {
        Skip.If(Kills.Asked is null, HowToRun);
        IEnumerable<string> fills = Enumerable.Range(1, FillsToReclaim)
            .Select(i => FormattableString.Invariant($"set {Kills.Variable} {FillBytes} {i}"));
        using FlashSession session = await FlashSession.RecordNativelyAsync(
            rig,
            [$"set {Kills.Bystander} {Kills.BystandersValue.Size} {Kills.BystandersValue.Seed}", .. fills, $"show {Kills.Variable}"]);
        IEnumerable<KillPoint> points = KillPoint.Choose(
            session, ..session.Log.Writes.Count, new HashSet<FlashPart> { FlashPart.WorkingState }, 0, out _);
        var found = new List<string>();
        foreach (KillPoint point in points.Where(IsLost).Take(2))
        {
            try
            {
                IReadOnlyList<SharedValue> values = await NextBoot.NativelyAsync(
                    rig, point.Flash, Kills.Variable, Kills.Bystander);
                if (values[0] != SharedValue.Of(FillBytes, values[0].Seed) || values[1] != Kills.BystandersValue)
                    found.Add($"after {point.Writes} writes: {string.Join("; ", values)}");
            }
            catch (ScenarioException error)
            {
                found.Add($"after {point.Writes} writes: {error.Message}");
            }
        }

        foreach (string line in found)
            output.WriteLine(line);
        Assert.NotEmpty(found);
    }

    private bool IsLost(KillPoint point) => point.IsInPlace && !(readsJournalFirst && point.HasHeader);
}

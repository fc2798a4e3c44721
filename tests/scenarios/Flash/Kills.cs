using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using Switcher.Tests.Scenarios.SmallGuests;
using Xunit.Abstractions;

namespace Switcher.Tests.Scenarios.Flash;

/// <summary>What the next boots find after an operation on a variable was cut short, while another variable was left alone.</summary>
/// <param name="rig">Whose firmware it is, also that of the next boot.</param>
/// <param name="output">Gets the tables.</param>
internal sealed class Kills(TestRig rig, ITestOutputHelper output)
{
    public const string Variable = "Victim";
    public const string Bystander = "Bystander";

    /// <summary>Of how many next boots one is repeated with guests under Switcher.</summary>
    private const int UnderSwitcher = 6;

    /// <summary>After how many writes of an operation, besides those that count most; null in an ordinary run.</summary>
    public static int? Asked { get; } = Scenarios.Asked.Number("SWITCHER_FLASH_KILLS");

    public static SharedValue BystandersValue { get; } = SharedValue.Of(100, 50);

    /// <summary>The guest's command that sets a variable.</summary>
    public static string Set(string name, SharedValue value) =>
        string.Create(CultureInfo.InvariantCulture, $"set-variable:{name}:{value.Size}:{value.Seed}");

    /// <summary>Kills at all the points of an operation, and writes the table.</summary>
    public async Task<KillTable> BootAllAsync(
        string operation, Range range, int changes, IEnumerable<KillPoint> points, SharedValue old, SharedValue @new)
    {
        var table = new KillTable(operation, range.End.Value - range.Start.Value, changes);
        var limit = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        await Parallel.ForEachAsync(points.Index(), limit, async (chosen, _) =>
        {
            (Outcome outcome, string detail) = await BootAsync(chosen.Item, chosen.Index % UnderSwitcher == 1, old, @new);
            table.Add(chosen.Item, outcome, detail);
        });
        foreach (string line in table.Lines())
            output.WriteLine(line);
        return table;
    }

    private async Task<(Outcome Outcome, string Detail)> BootAsync(KillPoint point, bool withGuests, SharedValue old, SharedValue @new)
    {
        try
        {
            IReadOnlyList<SharedValue> found = await NextBoot.NativelyAsync(rig, point.Flash, Variable, Bystander);
            if (withGuests)
            {
                IReadOnlyList<SharedValue> guests = await NextBoot.UnderSwitcherAsync(rig, point.Flash, Variable, Bystander);
                if (!guests.SequenceEqual([.. found, .. found]))
                    return (Outcome.Neither, $"the guests found {string.Join("; ", guests)}, the firmware {string.Join("; ", found)}");
            }

            Outcome outcome = found[1] != BystandersValue ? Outcome.Neither
                : found[0] == old ? Outcome.Old
                : found[0] == @new ? Outcome.New : Outcome.Neither;
            return (outcome, string.Join("; ", found));
        }
        catch (ScenarioException error)
        {
            return (Outcome.NoBoot, error.Message);
        }
    }
}

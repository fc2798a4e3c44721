using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Runner.Flash;
using Xunit;

namespace Switcher.Tests.Scenarios.Flash;

/// <summary>What the next boot found after an operation was cut short: one moment, as it is judged.</summary>
internal enum Outcome
{
    Old,
    New,
    Neither,
    NoBoot,
}

/// <summary>What the next boots found, for all moments at which an operation was cut short.</summary>
/// <param name="operation">What it did.</param>
/// <param name="writes">How many writes it made.</param>
/// <param name="changes">How many of them changed something.</param>
internal sealed class KillTable(string operation, int writes, int changes)
{
    private readonly SortedDictionary<int, (KillPoint Point, Outcome Outcome, string Detail)> _found = [];

    public void Add(KillPoint point, Outcome outcome, string detail)
    {
        lock (_found)
            _found.Add(point.Writes, (point with { Flash = [] }, outcome, detail));
    }

    /// <summary>Moments one after the other with the same part and outcome are one line.</summary>
    public IEnumerable<string> Lines()
    {
        yield return FormattableString.Invariant(
            $"{operation}: {writes} writes, {changes} of them change something, killed after {_found.Count}");
        int first = 0;
        int tried = 0;
        KeyValuePair<int, (KillPoint Point, Outcome Outcome, string Detail)>[] found = [.. _found];
        for (int i = 0; i < found.Length; i++)
        {
            (KillPoint point, Outcome outcome, string detail) = found[i].Value;
            if (tried++ == 0)
                first = found[i].Key;
            bool isLast = i + 1 == found.Length || point.Part != found[i + 1].Value.Point.Part || outcome != found[i + 1].Value.Outcome;
            if (!isLast && outcome is (Outcome.Old or Outcome.New))
                continue;
            string said = outcome is Outcome.Old or Outcome.New ? "" : $" ({detail})";
            yield return FormattableString.Invariant($"| {first} to {found[i].Key} | {Name(point.Part)} | {tried} | {outcome}{said} |");
            tried = 0;
        }
    }

    /// <summary>
    /// Before the first write it is the old value, after the last the new one; in between one or the other, and never the old one again
    /// after the new one.
    /// </summary>
    /// <param name="unless">The moments that are left out.</param>
    public void AssertOldThenNew(Func<KillPoint, bool>? unless = null)
    {
        Outcome[] outcomes = [.. _found.Values.Where(found => unless?.Invoke(found.Point) != true).Select(found => found.Outcome)];
        Assert.True(outcomes.Length > 1, $"{operation} was cut short {outcomes.Length} times only");
        Assert.Equal((Outcome.Old, Outcome.New), (outcomes[0], outcomes[^1]));
        Assert.All(outcomes.SkipWhile(outcome => outcome == Outcome.Old), outcome => Assert.Equal(Outcome.New, outcome));
    }

    private static string Name(FlashPart? part) => part switch
    {
        null => "nothing yet",
        FlashPart.StoreHeader => "header of the store",
        FlashPart.VariableHeader => "header of a variable",
        FlashPart.VariableState => "state of a variable",
        FlashPart.VariableName => "name",
        FlashPart.VariableData => "value",
        FlashPart.Free => "free space",
        FlashPart.EventLog => "event log",
        FlashPart.Working => "journal",
        FlashPart.WorkingState => "state in the journal",
        FlashPart.Spare => "spare block",
        _ => part.ToString()!,
    };
}

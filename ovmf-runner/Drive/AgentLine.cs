using System;
using System.Collections.Generic;

namespace Switcher.Runner.Drive;

/// <summary>A line that an agent wrote: <c>@sw GUEST EVENT key=value...</c>.</summary>
/// <param name="Guest">The guest it runs in.</param>
/// <param name="Event">What happened: ready, suspending, awake, progress, or for an answer done or error.</param>
/// <param name="Values">The rest.</param>
/// <param name="Text">The whole line.</param>
public sealed record AgentLine(string Guest, string Event, IReadOnlyDictionary<string, string> Values, string Text)
{
    private const string Mark = "@sw ";

    /// <summary>
    /// Finds an agent's words in a line. The firmware uses the same port before them; null if the line is not an agent's.
    /// </summary>
    public static AgentLine? Parse(string line)
    {
        int start = line.IndexOf(Mark, StringComparison.Ordinal);
        if (start < 0)
            return null;
        LogLine parsed = LogLine.Parse(line[(start + Mark.Length)..]);
        return parsed.Kind.Length == 0 || parsed.Name.Length == 0 ? null : new AgentLine(parsed.Kind, parsed.Name, parsed.Values, line);
    }

    /// <summary>A value as text; empty if the line has no such key.</summary>
    public string this[string key] => Values.GetValueOrDefault(key, "");

    /// <summary>A value as a number, decimal or with 0x; null if it is none.</summary>
    public long? Number(string key) => LogLine.ParseNumber(this[key]);
}

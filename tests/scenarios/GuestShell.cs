using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;

namespace Switcher.Tests.Scenarios;

/// <summary>A command in a guest, and what it prints.</summary>
internal static class GuestShell
{
    private const string Line = "| ";
    private const string End = "|end";

    /// <summary>Lets a guest's agent execute a command of its shell.</summary>
    /// <returns>The lines that it prints, those of errors among them.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(Machine machine, string guest, string command, CancellationToken cancel)
    {
        EventLog<string>.Cursor console = machine.Console.FromNow();
        await machine.Agent(guest).AskAsync($"run ({command}) 2>&1 | sed 's/^/{Line}/'; echo '{End}'", cancel);
        var lines = new List<string>();
        while (true)
        {
            string line = (await console.NextAsync("a line of the command", IsOurs, cancel)).Value.TrimEnd('\r', '\n');
            if (line == End)
                return lines;
            lines.Add(line[Line.Length..].TrimEnd());
        }
    }

    private static bool IsOurs(string line) =>
        line.StartsWith(Line, StringComparison.Ordinal) || line.StartsWith(End, StringComparison.Ordinal);
}

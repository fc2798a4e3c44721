using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// A command in a guest, and what it prints. Loaders leave a line on the console unfinished, and the kernel prints there whenever it
/// likes, also in the middle of a line: so what was printed has a sum, and is shown again until it arrives whole.
/// </summary>
internal static class GuestShell
{
    private const int Attempts = 10;
    private const string Output = "/output";
    private const string Line = "| ";
    private const string End = "|end ";
    private const string Show = $"run echo; sed 's/^/{Line}/' {Output}; echo \"{End}$(md5sum < {Output})\"";

    /// <summary>Lets a guest's agent execute a command of its shell.</summary>
    /// <returns>The lines that it prints, those of errors among them.</returns>
    /// <exception cref="MachineFailure">They never came whole.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(Machine machine, string guest, string command, CancellationToken cancel)
    {
        AgentSession agent = machine.Agent(guest);
        await agent.AskAsync($"run ({command}) > {Output} 2>&1; true", cancel);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            EventLog<string>.Cursor console = machine.Console.FromNow();
            Task<AgentLine> shown = agent.AskAsync(Show, cancel);
            var lines = new List<string>();
            string line;
            while (!(line = await NextAsync(console, cancel)).StartsWith(End, StringComparison.Ordinal))
                lines.Add(line[Line.Length..]);
            await shown;
            if (AreWhole(lines, line[End.Length..]))
                return [.. lines.Select(read => read.TrimEnd())];
        }
        throw new MachineFailure($"what '{command}' printed in {guest} was torn apart on the console {Attempts} times");
    }

    private static async Task<string> NextAsync(EventLog<string>.Cursor console, CancellationToken cancel) =>
        (await console.NextAsync("a line of the command", IsOurs, cancel)).Value.TrimEnd('\r', '\n');

    private static bool IsOurs(string line) =>
        line.StartsWith(Line, StringComparison.Ordinal) || line.StartsWith(End, StringComparison.Ordinal);

    /// <summary>Whether these are the lines that the guest has.</summary>
    /// <param name="sum">What <c>md5sum</c> says of them there.</param>
    [SuppressMessage("Security", "CA5351", Justification = "It finds lines that were torn, and busybox has it.")]
    private static bool AreWhole(List<string> lines, string sum)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        return sum.StartsWith(Convert.ToHexStringLower(MD5.HashData(text)), StringComparison.Ordinal);
    }
}

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Linq;

namespace Switcher.Ctl;

/// <summary>What is said to a word that is no command.</summary>
internal static class UnknownCommand
{
    /// <summary>A sentence if a command line ends where a command should stand; otherwise null.</summary>
    public static string? Complaint(ParseResult parsed)
    {
        CommandResult at = parsed.CommandResult;
        if (at.Command.Subcommands.Count == 0)
            return null;
        string[] commands = [.. at.Command.Subcommands.Where(command => !command.Hidden).Select(command => command.Name)];
        string list = $"the commands are {string.Join(", ", commands)}.";
        if (parsed.UnmatchedTokens is not [var word, ..])
            return $"No command was given; {list}";
        if (word.StartsWith('-'))
            return $"\"{word}\" is no option here; {list}";
        return Nearest(word, commands) is { } nearest
            ? $"\"{word}\" is no command; did you mean \"{nearest}\"? Otherwise {list}"
            : $"\"{word}\" is no command; {list}";
    }

    /// <summary>The command that was most likely meant: a third of it may be wrong.</summary>
    private static string? Nearest(string word, IEnumerable<string> commands)
    {
        (int distance, string command) = commands.Select(command => (Distance(word.ToLowerInvariant(), command), command)).Min();
        return distance <= Math.Max(1, command.Length / 3) ? command : null;
    }

    /// <summary>How many characters have to be added, left out or changed: Levenshtein's distance, row by row.</summary>
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        foreach ((int i, char c) in one.Index())
        {
            int[] next = [i + 1, .. new int[other.Length]];
            for (int j = 0; j < other.Length; j++)
                next[j + 1] = Math.Min(Math.Min(next[j], row[j + 1]) + 1, row[j] + (other[j] == c ? 0 : 1));
            row = next;
        }
        return row[^1];
    }
}

using System;
using System.Collections.Generic;
using System.IO;

namespace Switcher.Ctl.Check;

/// <summary>Writes a check's result for people.</summary>
public static class TextOutput
{
    private const int Width = 100;

    public static void Write(TextWriter output, Judgement judgement, TableReport report)
    {
        output.WriteLine(judgement.Verdict switch
        {
            Verdict.Ok => "Switcher will run on this machine.",
            Verdict.Refused => "Switcher will not run on this machine.",
            _ => "Whether Switcher will run on this machine could not be told.",
        });
        WriteSection(output, "Why", judgement.Reasons);
        WriteSection(output, "What each system would get", judgement.Shares);
        WriteSection(output, "To change in the firmware's setup", judgement.Changes);
        WriteSection(output, "Be careful", judgement.Risks);
        WriteSection(output, "Oddities of the ACPI tables (none of them stops Switcher by itself)", report.Problems);
    }

    private static void WriteSection(TextWriter output, string title, IReadOnlyCollection<string> items)
    {
        if (items.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine($"{title}:");
        foreach (string item in items)
            WriteWrapped(output, item);
    }

    private static void WriteWrapped(TextWriter output, string text)
    {
        string line = "  -";
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length + 1 + word.Length > Width)
            {
                output.WriteLine(line);
                line = "   ";
            }
            line += " " + word;
        }
        output.WriteLine(line);
    }
}

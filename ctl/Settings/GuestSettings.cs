using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Switcher.Boot.Config;
using Switcher.Boot.Text;
using Switcher.Ctl.Live;

namespace Switcher.Ctl.Settings;

/// <summary>The lines <c>key=value</c> of one system: the variable <c>SwitcherGuest####</c>.</summary>
/// <param name="Lines">In their order, as they were written; also those that the boot would not take.</param>
public sealed record GuestSettings(IReadOnlyList<string> Lines)
{
    /// <summary>The lines of a variable, as the boot reads them.</summary>
    public static GuestSettings Of(ReadOnlySpan<byte> value)
    {
        List<string> lines = [];
        foreach (TextLine line in new TextLines(value))
            lines.Add(Encoding.UTF8.GetString(line.Text));
        return new GuestSettings(lines);
    }

    /// <summary>What a line is about: what stands before its first equals sign, or all of it.</summary>
    public static string KeyOf(string line)
    {
        int equals = line.IndexOf('=', StringComparison.Ordinal);
        return (equals < 0 ? line : line[..equals]).Trim();
    }

    /// <summary>With other lines in place of those about the same keys.</summary>
    public GuestSettings With(IReadOnlyList<string> assignments) => new([.. Without(assignments.Select(KeyOf)).Lines, .. assignments]);

    /// <summary>Without the lines about some keys.</summary>
    public GuestSettings Without(IEnumerable<string> keys) => new([.. Lines.Where(line => !keys.Contains(KeyOf(line)))]);

    /// <summary>The variable's bytes, which the boot takes without a complaint.</summary>
    /// <exception cref="CtlFailure">It would complain; the message is its own.</exception>
    public byte[] ToBytes()
    {
        if (Lines.FirstOrDefault(line => line.AsSpan().ContainsAny('\n', '\r', '\0')) is { } broken)
            throw new CtlFailure(ExitStatus.BadValue, $"{KeyOf(broken)}: a value is one line.");
        byte[] value = Encoding.UTF8.GetBytes(string.Concat(Lines.Select(line => line + "\n")));
        ConfigProblem[] problems = new ConfigProblem[1];
        GuestOptions.Parse(value, problems, out int count);
        if (count != 0)
        {
            int at = problems[0].Position - 1;
            string line = at >= 0 && at < Lines.Count ? Lines[at] : "";
            throw new CtlFailure(ExitStatus.BadValue, $"\"{line}\": {Encoding.ASCII.GetString(problems[0].Text)}.");
        }
        return value;
    }

    /// <summary>When a change of a key counts, under a Switcher that runs.</summary>
    public static string EffectOf(string key) => key switch
    {
        "sleep" => "at once",
        "options" or "initrd" => "when the system is started again",
        _ => "at the machine's next start",
    };
}

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Switcher.Ctl.Live;

/// <summary>The variable <c>SwitcherStatus</c>, taken apart. Keys that are not known here may come with a newer Switcher.</summary>
/// <param name="Machine">What it says of the machine.</param>
/// <param name="Guests">What it says of each guest: <c>guest</c>, <c>state</c>, <c>name</c> and others.</param>
public sealed record SwitcherStatus(IReadOnlyDictionary<string, string> Machine, IReadOnlyList<IReadOnlyDictionary<string, string>> Guests)
{
    /// <summary>Takes the text apart.</summary>
    /// <returns>False if it is none: not UTF-8, a line that has no key, or no guest.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out SwitcherStatus? status)
    {
        status = null;
        Dictionary<string, string> machine = [];
        List<IReadOnlyDictionary<string, string>> guests = [];
        string decoded;
        try
        {
            decoded = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text);
        }
        catch (ArgumentException)
        {
            return false;
        }
        foreach (string line in decoded.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                return false;
            if (!line.StartsWith("guest=", StringComparison.Ordinal))
                machine[line[..equals]] = line[(equals + 1)..];
            else if (TryParseWords(line, out Dictionary<string, string> guest))
                guests.Add(guest);
            else
                return false;
        }
        status = new SwitcherStatus(machine, guests);
        return guests.Count > 0;
    }

    /// <summary>A number of a guest's; 0 if there is none.</summary>
    public static ulong Number(IReadOnlyDictionary<string, string> guest, string key) =>
        ulong.TryParse(guest.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : 0;

    /// <summary>Words <c>key=value</c>; a value in quotation marks may have blanks.</summary>
    private static bool TryParseWords(string line, out Dictionary<string, string> words)
    {
        words = [];
        for (int at = 0; at < line.Length;)
        {
            int equals = line.IndexOf('=', at);
            if (equals <= at)
                return false;
            bool isQuoted = equals + 1 < line.Length && line[equals + 1] == '"';
            int start = equals + (isQuoted ? 2 : 1);
            int end = line.IndexOf(isQuoted ? '"' : ' ', start);
            if (end < 0 && isQuoted)
                return false;
            end = end < 0 ? line.Length : end;
            words[line[at..equals]] = line[start..end];
            at = end + (isQuoted ? 1 : 0);
            while (at < line.Length && line[at] == ' ')
                at++;
        }
        return true;
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Switcher.Runner.Drive;

/// <summary>
/// A line of the form <c>KIND name key=value key="two words" flag</c>, as the hypervisor writes to the debug port and the agent to its
/// port.
/// </summary>
/// <param name="Kind">The first word: STEP, INFO, WARN, ERROR, DEBUG, PANIC.</param>
/// <param name="Name">The second word, where it is one: which step, which information.</param>
/// <param name="Values">What the line says as key=value; the first of equal keys counts.</param>
/// <param name="Text">The whole line.</param>
public sealed record LogLine(string Kind, string Name, IReadOnlyDictionary<string, string> Values, string Text)
{
    /// <summary>Reads a line. Any text gives a line: what is not key=value is only part of <see cref="Text"/>.</summary>
    public static LogLine Parse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        List<string> words = Words(text);
        int next = words.Count > 1 && !words[1].Contains('=') ? 2 : 1;
        for (int i = next; i < words.Count; i++)
        {
            int equals = words[i].IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                values.TryAdd(words[i][..equals], words[i][(equals + 1)..]);
        }

        return new LogLine(words.Count > 0 ? words[0] : "", next == 2 ? words[1] : "", values, text);
    }

    public bool Is(string kind, string name) => Kind == kind && Name == name;

    public bool IsStep(string name) => Is("STEP", name);

    /// <summary>A value as text; empty if the line has no such key.</summary>
    public string this[string key] => Values.GetValueOrDefault(key, "");

    /// <summary>A value as a number, decimal or with 0x; null if it is none.</summary>
    public long? Number(string key) => ParseNumber(this[key]);

    /// <summary>Reads a decimal number or one with 0x.</summary>
    public static long? ParseNumber(string text)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hex)
                ? (long)hex : null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : null;
    }

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool quoted = false;
        foreach (char c in text)
        {
            if (c == '"')
                quoted = !quoted;
            else if (c == ' ' && !quoted)
                Flush();
            else
                word.Append(c);
        }

        Flush();
        return words;

        void Flush()
        {
            if (word.Length > 0)
                words.Add(word.ToString());
            word.Clear();
        }
    }
}

using System;
using System.Collections.Generic;

namespace Switcher.Runner.Prepare;

/// <summary>os-release(5): which distribution this is.</summary>
public static class OsRelease
{
    /// <summary>Reads the lines NAME=value; quotes around a value are taken off.</summary>
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var values = new Dictionary<string, string>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line[0] != '#')
                values[line[..equals]] = line[(equals + 1)..].Trim().Trim('"', '\'');
        }

        return values;
    }
}

using System;
using System.IO;
using System.Linq;

namespace Switcher.Runner.Prepare;

/// <summary>One component of one suite on one mirror, as a machine's apt configuration names it.</summary>
/// <param name="Address">The mirror's base address, ending in a slash.</param>
/// <param name="Suite">For example <c>bookworm</c> or <c>bookworm-security</c>.</param>
/// <param name="Component">For example <c>main</c>.</param>
public sealed record AptSource(string Address, string Suite, string Component)
{
    private const string MirrorList = "mirror+file:";

    /// <summary>Reads a line "address suite component"; null if it is none.</summary>
    public static AptSource? Parse(string line)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length == 3 ? new AptSource(fields[0].EndsWith('/') ? fields[0] : fields[0] + "/", fields[1], fields[2]) : null;
    }

    /// <summary>The address to fetch from: where the source is a list of mirrors in a file, the first of them.</summary>
    public string ResolveAddress()
    {
        if (!Address.StartsWith(MirrorList, StringComparison.Ordinal))
            return Address;
        string list = Address[MirrorList.Length..].TrimEnd('/');
        string? first = File.ReadLines(list).Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 0 && fields[0][0] != '#').Select(fields => fields[0]).FirstOrDefault();
        return first is null ? throw new RunnerException($"{list} names no mirror") : first.TrimEnd('/') + "/";
    }
}

using System;
using System.Globalization;

namespace Switcher.Ctl.Live;

/// <summary>How much RAM there is and where, from <c>/proc/iomem</c>, or only how much, from <c>/proc/meminfo</c>.</summary>
/// <param name="Bytes">All RAM.</param>
/// <param name="BytesBelow4GiB">RAM with addresses below 4 GiB; null when the kernel does not tell (without root it hides
/// addresses).</param>
public sealed record MemoryMap(ulong Bytes, ulong? BytesBelow4GiB)
{
    private const ulong FourGiB = 1ul << 32;

    public static MemoryMap? Read(LinuxFiles files)
    {
        if (files.ReadText("proc/iomem") is { } iomem && Parse(iomem) is { Bytes: > 1 << 20 } map)
            return map;
        foreach (string line in (files.ReadText("proc/meminfo") ?? "").Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && words[0] == "MemTotal:" && ulong.TryParse(words[1], CultureInfo.InvariantCulture, out ulong kilobytes))
                return new MemoryMap(kilobytes << 10, null);
        }
        return null;
    }

    private static MemoryMap Parse(string iomem)
    {
        ulong total = 0;
        ulong low = 0;
        foreach (string line in iomem.Split('\n'))
        {
            // "00100000-7fffffff : System RAM", indented for what lies inside
            int dash = line.IndexOf('-');
            int colon = line.IndexOf(" : ", StringComparison.Ordinal);
            if (dash < 1 || colon < dash || line[0] == ' ' || line[(colon + 3)..].Trim() != "System RAM"
                || !ulong.TryParse(line.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong start)
                || !ulong.TryParse(line.AsSpan(dash + 1, colon - dash - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out ulong last)
                || last <= start)
                continue;
            total += last - start + 1;
            if (start < FourGiB)
                low += Math.Min(last, FourGiB - 1) - start + 1;
        }
        return new MemoryMap(total, low);
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;

namespace Switcher.Ctl.Live;

/// <summary>
/// RAM as the firmware's map would show it, from <c>/proc/iomem</c>, or a likely map of as much, from <c>/proc/meminfo</c>.
/// </summary>
/// <param name="Descriptors">All RAM that is not the firmware's for good.</param>
/// <param name="Acpi">The firmware's ACPI memory.</param>
public sealed record MemoryMap(MemoryDescriptor[] Descriptors, AcpiMemorySize Acpi)
{
    private const ulong LowStart = PageSize.Small;
    private const ulong LowEnd = 0x9F000;
    private const ulong OneMiB = 1 << 20;
    private const ulong ThreeGiB = 3ul << 30;
    private const ulong FourGiB = 4ul << 30;

    public static MemoryMap? Read(LinuxFiles files)
    {
        if (files.ReadText("proc/iomem") is { } iomem && Parse(iomem) is { Descriptors.Length: not 0 } map)
            return map;

        // Without root the kernel hides addresses.
        foreach (string line in (files.ReadText("proc/meminfo") ?? "").Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && words[0] == "MemTotal:" && ulong.TryParse(words[1], CultureInfo.InvariantCulture, out ulong kilobytes))
                return OfSize(kilobytes << 10);
        }
        return null;
    }

    private static MemoryMap OfSize(ulong bytes)
    {
        List<MemoryDescriptor> descriptors = [];
        Add(descriptors, LowStart, LowEnd);
        Add(descriptors, OneMiB, Math.Min(bytes, ThreeGiB));
        Add(descriptors, FourGiB, FourGiB + (bytes > ThreeGiB ? bytes - ThreeGiB : 0));
        return new MemoryMap([.. descriptors], default);
    }

    private static MemoryMap Parse(string iomem)
    {
        List<MemoryDescriptor> descriptors = [];
        ulong tables = 0;
        ulong nvs = 0;
        foreach (string line in iomem.Split('\n'))
        {
            // "00100000-7fffffff : System RAM", indented for what lies inside
            int dash = line.IndexOf('-', StringComparison.Ordinal);
            int colon = line.IndexOf(" : ", StringComparison.Ordinal);
            if (dash < 1 || colon < dash || line[0] == ' '
                || !TryParse(line.AsSpan(0, dash), out ulong start)
                || !TryParse(line.AsSpan(dash + 1, colon - dash - 1), out ulong last)
                || last <= start)
                continue;
            switch (line[(colon + 3)..].Trim())
            {
                case "System RAM":
                    Add(descriptors, start, last + 1);
                    break;
                case "ACPI Tables":
                    tables += last + 1 - start;
                    break;
                case "ACPI Non-volatile Storage":
                    nvs += last + 1 - start;
                    break;
            }
        }
        return new MemoryMap([.. descriptors], new AcpiMemorySize { TableBytes = tables, NvsBytes = nvs });
    }

    private static bool TryParse(ReadOnlySpan<char> digits, out ulong value) =>
        ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    private static void Add(List<MemoryDescriptor> descriptors, ulong start, ulong end)
    {
        MemoryRange range = MemoryRange.FromBounds(PageSize.AlignUp(start, PageSize.Small), PageSize.AlignDown(end, PageSize.Small));
        if (!range.IsEmpty)
            descriptors.Add(new MemoryDescriptor(MemoryType.Conventional, range, MemoryAttributes.Default));
    }
}

using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Spectre.Console;
using Switcher.Runner.Drive;

namespace Switcher.Runner.Report;

/// <summary>The tables at the end of a run.</summary>
public static class Summary
{
    /// <summary>More switches than this are shown as the first and last few.</summary>
    private const int MostRows = 24;

    private const long LargeRange = 64 << 20;

    public static void Write(IAnsiConsole console, RunReport report, IReadOnlyList<GuestState> guests)
    {
        if (report.Switches.Count > 0)
            console.Write(Switches(report));
        console.Write(Guests(report, guests));
        (long image, double memory) = (report.Hypervisor.ImageBytes / 1024, report.Hypervisor.ReservedBytes / 1048576.0);
        console.MarkupLineInterpolated($"Hypervisor: image {image} KiB, takes {memory:F1} MiB of memory");
        if (report.Exits.Count > 0)
        {
            IEnumerable<string> most =
                report.Exits.OrderByDescending(exit => exit.Value).Take(8).Select(exit => $"{exit.Key} {exit.Value}");
            console.MarkupLineInterpolated($"Exits: {string.Join(", ", most)}");
        }
    }

    private static Table Switches(RunReport report)
    {
        Table table = new Table().Title("Switches").RoundedBorder();
        table.AddColumn(new TableColumn("#").RightAligned()).AddColumn("from → to");
        foreach (string name in (string[])["suspend ms", "hypervisor µs", "ticks", "resume ms"])
            table.AddColumn(new TableColumn(name).RightAligned());
        table.AddColumn("memory").AddColumn("files");
        for (int i = 0; i < report.Switches.Count; i++)
        {
            if (report.Switches.Count > MostRows && i == MostRows / 2)
            {
                int skipped = report.Switches.Count - MostRows;
                table.AddRow("…", $"{skipped} more", "", "", "", "", "", "");
                i += skipped;
            }

            SwitchRecord one = report.Switches[i];
            table.AddRow(
                (i + 1).ToString(CultureInfo.InvariantCulture), Markup.Escape($"{one.From} → {one.To}{(one.First ? " (first)" : "")}"),
                Number(one.SuspendMs), Number(one.HypervisorUs), one.HypervisorTicks.ToString("N0", CultureInfo.InvariantCulture),
                Number(one.ResumeMs), Verdict(one.MemoryIntact), Verdict(one.FilesIntact));
        }

        return table;
    }

    private static Table Guests(RunReport report, IReadOnlyList<GuestState> guests)
    {
        Table table = new Table().Title("Guests").RoundedBorder();
        foreach (string name in (string[])["guest", "memory", "CPUs", "filled MiB", "checks", "memory intact", "files intact"])
            table.AddColumn(name);
        foreach (GuestRecord guest in report.Guests)
        {
            GuestState? state = guests.FirstOrDefault(candidate => candidate.Name == guest.Name);
            SwitchRecord[] woken = [.. report.Switches.Where(one => one.To == guest.Name && one.MemoryIntact is not null)];
            table.AddRow(
                Markup.Escape(guest.Name), Memory(guest.Ranges), guest.CpusOnline?.ToString(CultureInfo.InvariantCulture) ?? "",
                state is { FilledBytes: > 0 } ? (state.FilledBytes >> 20).ToString(CultureInfo.InvariantCulture) : "",
                woken.Length.ToString(CultureInfo.InvariantCulture),
                Verdict(woken.Length == 0 ? null : woken.All(one => one.MemoryIntact == true)),
                Verdict(woken.Length == 0 ? null : woken.All(one => one.FilesIntact == true)));
        }

        return table;
    }

    /// <summary>The large ranges one by one, and the scraps between firmware's own all together.</summary>
    private static string Memory(IReadOnlyList<RangeRecord> ranges)
    {
        List<string> lines =
            [.. ranges.Where(range => range.Length >= LargeRange).Select(range => $"{range.Start} + {range.Length >> 20} MiB")];
        RangeRecord[] small = [.. ranges.Where(range => range.Length < LargeRange)];
        if (small.Length > 0)
            lines.Add($"{small.Length} small, {small.Sum(range => range.Length) >> 20} MiB");
        return string.Join('\n', lines);
    }

    private static string Number(double? value) => value?.ToString("N1", CultureInfo.InvariantCulture) ?? "";

    private static string Verdict(bool? intact) => intact switch
    {
        true => "[green]intact[/]",
        false => "[red]LOST[/]",
        null => "",
    };
}

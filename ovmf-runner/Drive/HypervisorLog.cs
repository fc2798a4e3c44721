using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Drive;

/// <summary>A stretch of physical memory.</summary>
/// <param name="Start">Its first address.</param>
/// <param name="Length">Its length in bytes.</param>
public readonly record struct PhysicalRange(ulong Start, ulong Length);

/// <summary>
/// What the hypervisor says on the debug port, and what follows from it: who runs, who owns which memory, what exits there were.
/// </summary>
/// <param name="events">The lines.</param>
public sealed class HypervisorLog(EventLog<LogLine> events)
{
    public EventLog<LogLine> Events => events;

    /// <summary>Ticks of the time stamp counter in a second; 0 until the hypervisor runs.</summary>
    public long TscHz => Last("STEP", "launch")?.Number("tsc-hz") ?? 0;

    /// <summary>Bytes of memory that hold the hypervisor's image.</summary>
    public long ImageBytes => Last("STEP", "memory")?.Number("image") ?? 0;

    /// <summary>Bytes of memory taken from the guests.</summary>
    public long ReservedBytes => Last("STEP", "memory")?.Number("reserved") ?? 0;

    /// <summary>The name of the guest that runs; empty before the first one does.</summary>
    public string ActiveGuest
    {
        get
        {
            LogLine? line = events.Snapshot().Select(entry => entry.Value)
                .LastOrDefault(value => value.IsStep("boot") || value.IsStep("switch"));
            return line is null ? "" : NameOf(line.Number(line.Name == "boot" ? "guest" : "to") ?? -1);
        }
    }

    /// <summary>Waits for a step, from the very beginning of the log: for what happens once.</summary>
    public async Task<LogLine> StepAsync(string name, CancellationToken cancel) =>
        (await events.FromStart().NextAsync($"the hypervisor's step '{name}'", line => line.IsStep(name), cancel)).Value;

    /// <summary>The name that a guest's number stands for; empty if there is no such guest.</summary>
    public string NameOf(long guest) =>
        events.Snapshot().Select(entry => entry.Value)
            .LastOrDefault(line => line.Is("INFO", "guest") && line.Number("index") == guest)?["name"] ?? "";

    /// <summary>The memory that belongs to a guest.</summary>
    public IReadOnlyList<PhysicalRange> RangesOf(string guest)
    {
        LogLine? line = events.Snapshot().Select(entry => entry.Value)
            .LastOrDefault(value => value.Is("INFO", "guest") && value["name"] == guest);
        return line is null ? [] : ParseRanges(line["ranges"]);
    }

    /// <summary>Exits by reason, all guests together, by the latest counts of each.</summary>
    public IReadOnlyDictionary<string, long> Exits()
    {
        var latest = new Dictionary<long, LogLine>();
        foreach (Timed<LogLine> entry in events.Snapshot())
        {
            if (entry.Value.Is("INFO", "exits") && entry.Value.Number("guest") is { } guest)
                latest[guest] = entry.Value;
        }

        var sum = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach ((string reason, string _) in latest.Values.SelectMany(line => line.Values))
        {
            if (reason is not ("guest" or "tsc" or "name"))
                sum[reason] = latest.Values.Sum(line => line.Number(reason) ?? 0);
        }

        return sum;
    }

    /// <summary>Reads "0xSTART+0xLENGTH,...".</summary>
    internal static IReadOnlyList<PhysicalRange> ParseRanges(string text) =>
        [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(range => range.Split('+'))
            .Where(parts => parts.Length == 2)
            .Select(parts => new PhysicalRange((ulong)(LogLine.ParseNumber(parts[0]) ?? 0), (ulong)(LogLine.ParseNumber(parts[1]) ?? 0)))];

    private LogLine? Last(string kind, string name) =>
        events.Snapshot().Select(entry => entry.Value).LastOrDefault(line => line.Is(kind, name));
}

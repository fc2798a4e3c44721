using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;

namespace Switcher.Runner.Report;

/// <summary>Tells the hypervisor's steps in the words of the timeline.</summary>
public static class StepStory
{
    /// <summary>Tells the timeline every step as it comes, until cancelled or the machine ends.</summary>
    public static async Task FollowAsync(HypervisorLog log, ITimeline timeline, CancellationToken cancel)
    {
        EventLog<LogLine>.Cursor cursor = log.Events.FromStart();
        try
        {
            while (true)
            {
                Timed<LogLine> entry = await cursor.NextAsync("a step", _ => true, cancel, TimeSpan.FromDays(1));
                if (Of(entry.Value) is { } what)
                    timeline.Tell(entry.Time, "Switcher", what);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or MachineFailure)
        {
            // The run is over, or failed: whoever drives it knows.
        }
    }

    /// <summary>What a line of the hypervisor's log says to a reader; null if it is nothing to tell.</summary>
    public static string? Of(LogLine line) => line.Kind switch
    {
        "STEP" => OfStep(line),
        "WARN" or "ERROR" or "PANIC" => line.Text,
        "INFO" when line.Name == "guest" => $"{line["name"]} gets {TotalMiB(line["ranges"])} MiB",
        "INFO" when line.Name == "ended" => $"guest {line["guest"]} ended: {line["reason"]}",
        _ => null,
    };

    private static long TotalMiB(string ranges)
        => (long)(HypervisorLog.ParseRanges(ranges).Aggregate(0UL, (sum, range) => sum + range.Length) >> 20);

    private static string? OfStep(LogLine line) => line.Name switch
    {
        "firmware" => $"{line["version"]} was started by the firmware",
        "config" => $"{line["guests"]} guests",
        "acpi" => $"sleep control at {line["pm1a"]}",
        "memory" => $"takes {line["hypervisor"]} for itself",
        "launch" => $"launched: {line["backend"]}, {line["cpus"]} CPUs",
        "chain-load" => $"runs the loader of {line["name"]}",
        "park" => $"{line["name"]} is parked",
        "boot" => $"{line["name"]} starts: the run phase begins",
        "off" => "the machine powers off",
        "reset" => "the machine resets",
        "refused" => $"refused: {line["reason"]}",
        "native" => $"boots {line["name"]} natively",

        // Told together with their times when the switch is complete.
        "s3" or "switch" => null,
        _ => line.Text,
    };
}

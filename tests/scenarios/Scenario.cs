using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;
using Switcher.Runner;
using Switcher.Runner.Drive;
using Xunit;

// Each scenario is a machine of its own and keeps the host's CPUs busy: one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Switcher.Tests.Scenarios;

/// <summary>Starts a machine, lets a test drive it, and leaves the logs where the failure's message says.</summary>
internal static class Scenario
{
    /// <summary>A time limit for what has gone wrong, not a measure: a scenario takes seconds to a minute on an idle host.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    public static async Task RunAsync(MachinePlan plan, Func<Machine, CancellationToken, Task> drive)
    {
        using var limit = new CancellationTokenSource(Limit);
        string logs = Directory.CreateTempSubdirectory("switcher-scenario-").FullName;
        try
        {
            Rig rig = await PrepareAsync(logs, limit.Token);
            await using Machine machine = await rig.StartAsync(plan, logs, limit.Token);
            await drive(machine, limit.Token);
        }
        catch (Exception error) when (error is not SkipException)
        {
            throw new ScenarioException($"{error.Message} (logs: {logs})", error);
        }

        Directory.Delete(logs, recursive: true);
    }

    /// <summary>Emulators that cannot be had on this host are no fault of the project's: the test is skipped, where it is one that can be.</summary>
    public static async Task<Rig> PrepareAsync(string logs, CancellationToken cancel)
    {
        try
        {
            return await Rig.PrepareAsync(AnsiConsole.Console, Artifacts.BuiltWithRunner(), logs, cancel);
        }
        catch (RunnerException error)
        {
            throw new SkipException($"the emulators cannot be had here: {error.Message}", error);
        }
    }
}

/// <summary>A scenario failed; the message says where its logs are.</summary>
internal sealed class ScenarioException(string message, Exception inner) : Exception(message, inner);

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;
using Switcher.Runner;
using Switcher.Runner.Drive;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Starts a machine, lets a test drive it, and leaves the logs where the failure's message says. Test classes run side by side, as many as
/// the host has cores; everything that a machine uses is its own, and an <see cref="EmulatorSlot"/> as well. None needs the host alone:
/// what is compared are counts of instructions, exits and bytes, and waits end with events.
/// </summary>
internal static class Scenario
{
    /// <summary>A time limit for what has gone wrong, not a measure: a scenario takes seconds to a minute on an idle host.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    public static Task RunAsync(MachinePlan plan, Func<Machine, CancellationToken, Task> drive) => RunAsync(async (rig, logs, cancel) =>
    {
        await using Machine machine = await rig.StartAsync(plan, logs, cancel);
        await drive(machine, cancel);
    });

    /// <summary>For a test that starts its machine itself.</summary>
    /// <param name="run">Called with a folder for logs, which stays if this fails.</param>
    /// <param name="more">Time besides, for what a test was asked to do more often than usual.</param>
    public static async Task RunAsync(Func<Rig, string, CancellationToken, Task> run, TimeSpan more = default)
    {
        using EmulatorSlot slot = await EmulatorSlot.TakeAsync(CancellationToken.None);
        using var limit = new CancellationTokenSource(Limit + more);
        string logs = Directory.CreateTempSubdirectory("switcher-scenario-").FullName;
        try
        {
            await run(await PrepareAsync(logs, limit.Token), logs, limit.Token);
        }
        catch (Exception error) when (error is not SkipException)
        {
            throw new ScenarioException($"{error.Message} (logs: {logs})", error);
        }

        Directory.Delete(logs, recursive: true);
    }

    /// <summary>
    /// Emulators that cannot be had on this host are no fault of the project's: the test is skipped, where it is one that can be.
    /// </summary>
    private static async Task<Rig> PrepareAsync(string logs, CancellationToken cancel)
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

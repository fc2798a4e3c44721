using System;
using System.CommandLine;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;
using Switcher.Runner.Drive;
using Switcher.Runner.Verbs;

namespace Switcher.Runner;

/// <summary>The runner: fetches what it needs, builds Switcher, runs it in an emulator with real guests, drives and judges them.</summary>
public static class Program
{
    /// <summary>Exit status of a command line that cannot be understood.</summary>
    private const int UsageError = 2;

    /// <summary>Characters on a line of a log file, where nothing is gained by wrapping.</summary>
    private const int WidthWithoutTerminal = 400;

    /// <summary>How long an interrupted run may take to stop the emulator and write its report.</summary>
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(30);

    public static async Task<int> Main(string[] arguments)
    {
        var root = new RootCommand("Runs Switcher under an emulator: two real systems on one machine, switched by suspend.")
        {
            RunVerb.Create(),
            ImageVerb.Create(),
            GdbVerb.Create(),
            PrepareVerb.Create(),
        };

        // The bare command is the whole demonstration.
        ParseResult parsed = root.Parse(arguments.Length == 0 ? ["run"] : arguments);
        if (parsed.Errors.Count > 0)
        {
            // An option that does not exist explains more than the verb that is then missing.
            string message = parsed.UnmatchedTokens.Count > 0 && parsed.CommandResult.Command == root
                ? $"'{parsed.UnmatchedTokens[0]}' is neither a verb nor an option."
                : parsed.Errors[0].Message;
            await Console.Error.WriteLineAsync($"ovmf-runner: {OneLine(message)} Try --help.");
            return UsageError;
        }

        if (Console.IsOutputRedirected)
            AnsiConsole.Console.Profile.Width = WidthWithoutTerminal;
        // Ctrl-C and SIGTERM end a run in order; a terminal that goes away must do so too, or the emulator would live on.
        using var hangUp = new CancellationTokenSource();
        using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            hangUp.Cancel();
        });
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeToEnd };
        try
        {
            return await parsed.InvokeAsync(configuration, hangUp.Token);
        }
        catch (Exception failure) when (failure is RunnerException or MachineFailure or IOException or UnauthorizedAccessException)
        {
            return await FailAsync(failure.Message);
        }
        catch (OperationCanceledException)
        {
            return await FailAsync("interrupted");
        }
    }

    private static async Task<int> FailAsync(string what)
    {
        await Console.Error.WriteLineAsync($"failed: {OneLine(what)}");
        return 1;
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}

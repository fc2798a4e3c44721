using System;
using System.CommandLine;
using System.Threading.Tasks;
using Spectre.Console;
using Switcher.Runner.Verbs;

namespace Switcher.Runner;

/// <summary>The runner: fetches what it needs, builds Switcher, runs it in an emulator with real guests, drives and judges them.</summary>
public static class Program
{
    /// <summary>Exit status of a command line that cannot be understood.</summary>
    private const int UsageError = 2;

    /// <summary>Characters on a line of a log file, where nothing is gained by wrapping.</summary>
    private const int WidthWithoutTerminal = 400;

    public static async Task<int> Main(string[] arguments)
    {
        var root = new RootCommand("Runs Switcher under an emulator: two real systems on one machine, switched by suspend.")
        {
            PrepareVerb.Create(),
        };
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync($"ovmf-runner: {OneLine(parsed.Errors[0].Message)} Try --help.");
            return UsageError;
        }

        if (Console.IsOutputRedirected)
            AnsiConsole.Console.Profile.Width = WidthWithoutTerminal;
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (RunnerException failure)
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

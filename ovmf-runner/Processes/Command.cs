using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Processes;

/// <summary>What a finished child process left behind.</summary>
/// <param name="ExitCode">Its exit status.</param>
/// <param name="Output">All of its standard output.</param>
/// <param name="Error">All of its standard error.</param>
public readonly record struct CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>The line that most likely says why it failed: the last one of standard error, else of standard output.</summary>
    public string Reason => LastLine(Error) ?? LastLine(Output) ?? $"exit status {ExitCode}";

    private static string? LastLine(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Length == 0 ? null : lines[^1];
    }
}

/// <summary>A program with its arguments, run as a child process with its output collected.</summary>
/// <param name="program">A name to be looked up in PATH, or a path.</param>
/// <param name="arguments">The arguments, passed as they are.</param>
public sealed class Command(string program, params IReadOnlyList<string> arguments)
{
    /// <summary>Variables to set in the child's environment; null removes one.</summary>
    public Dictionary<string, string?> Environment { get; } = [];

    /// <summary>The directory the child starts in; the runner's own when null.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Runs the program to its end. Cancelling kills it together with its children.</summary>
    /// <exception cref="RunnerException">The program does not exist or cannot be started.</exception>
    public async Task<CommandResult> RunAsync(CancellationToken cancel = default)
    {
        using var process = new Process { StartInfo = StartInfo() };
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            throw new RunnerException($"cannot start {program}: {error.Message}", error);
        }

        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new CommandResult(process.ExitCode, await output, await errors);
    }

    /// <summary>Runs the program and demands exit status 0.</summary>
    /// <param name="purpose">What the program is run for, as it reads after "cannot".</param>
    /// <exception cref="RunnerException">It could not be started, or it failed: the message gives its last line.</exception>
    public async Task<string> RunOrThrowAsync(string purpose, CancellationToken cancel = default)
    {
        CommandResult result = await RunAsync(cancel);
        return result.ExitCode == 0
            ? result.Output
            : throw new RunnerException($"cannot {purpose}: {Path.GetFileName(program)}: {result.Reason}");
    }

    private ProcessStartInfo StartInfo()
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = WorkingDirectory ?? "",
        };
        info.Environment["LC_ALL"] = "C.UTF-8";
        foreach ((string name, string? value) in Environment)
            info.Environment[name] = value;
        return info;
    }
}

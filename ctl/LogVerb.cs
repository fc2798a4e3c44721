using System;
using System.CommandLine;
using System.IO;
using Switcher.Ctl.Live;

namespace Switcher.Ctl;

/// <summary><c>switcherctl log</c>: the latest lines of Switcher's log.</summary>
public static class LogVerb
{
    public static Command Create()
    {
        Command command = new("log", "Prints the latest lines of Switcher's log. Exit status: 0 Switcher runs, 1 it does not.");
        command.SetAction(_ =>
        {
            using Stream output = Console.OpenStandardOutput();
            return Run(new LinuxFiles("/"), output, Console.Error);
        });
        return command;
    }

    /// <summary>Reads and writes.</summary>
    /// <returns>The exit status.</returns>
    public static int Run(LinuxFiles files, Stream output, TextWriter errors)
    {
        if (EfiVariables.Read(files, "SwitcherLog", EfiVariables.SwitcherVendor) is not { } value)
        {
            errors.WriteLine(StatusVerb.NotRunningText);
            return StatusVerb.NotRunning;
        }
        output.Write(value);
        return 0;
    }
}

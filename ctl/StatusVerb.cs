using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using Switcher.Ctl.Live;

namespace Switcher.Ctl;

/// <summary><c>switcherctl status</c>: what Switcher says of the machine and its guests.</summary>
public static class StatusVerb
{
    /// <summary>Exit status where Switcher does not run, or does not let itself be asked.</summary>
    public const int NotRunning = 1;

    /// <summary>What is said then.</summary>
    public const string NotRunningText =
        "switcherctl: Switcher does not run on this machine, or efivarfs is not mounted.";

    private const int NotUnderstood = 2;

    public static Command Create()
    {
        Command command = new("status",
            "Shows the systems that share this machine, and what suspending does. Exit status: 0 Switcher runs, 1 it does not, 2 could not "
            + "tell.");
        command.SetAction(_ => Run(new LinuxFiles("/"), Console.Out, Console.Error));
        return command;
    }

    /// <summary>Reads and writes.</summary>
    /// <returns>The exit status.</returns>
    public static int Run(LinuxFiles files, TextWriter output, TextWriter errors)
    {
        if (EfiVariables.Read(files, "SwitcherStatus", EfiVariables.SwitcherVendor) is not { } value)
        {
            errors.WriteLine(NotRunningText);
            return NotRunning;
        }
        if (!SwitcherStatus.TryParse(value, out SwitcherStatus? status))
        {
            errors.WriteLine("switcherctl: what Switcher says of itself is not understood.");
            return NotUnderstood;
        }
        Write(output, status);
        return 0;
    }

    private static void Write(TextWriter output, SwitcherStatus status)
    {
        string Of(string key) => status.Machine.GetValueOrDefault(key, "?");
        output.WriteLine($"{Of("version")} ({Of("backend")}): {Of("switches")} switches");
        if (status.Machine.ContainsKey("last-from"))
            output.WriteLine($"last switch: {Of("last-from")} to {Of("last-to")} in {Of("last-microseconds")} microseconds");
        output.WriteLine($"sleep: {Of("sleep")}, next: {(Of("next").Length == 0 ? "in order" : Of("next"))}");
        output.WriteLine($"firmware services: {Of("services")}, DMA: {Of("dma")}");
        if (SwitcherStatus.Number(status.Machine, "hypervisor-bytes") is var hypervisor and not 0)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"memory of no system: {hypervisor >> 20} MiB hypervisor, "
                + $"{SwitcherStatus.Number(status.Machine, "firmware-bytes") >> 20} MiB firmware"));
        }
        foreach (IReadOnlyDictionary<string, string> guest in status.Guests)
        {
            string Word(string key) => guest.GetValueOrDefault(key, "?");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Word("guest")}  {Word("state"),-9}  {SwitcherStatus.Number(guest, "bytes") >> 20,7} MiB  sleep={Word("sleep"),-7}  "
                + $"restarts={Word("restarts")}  {Word("name")}"));
        }
    }
}

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using Switcher.Ctl.Check;
using Switcher.Ctl.Live;
using Switcher.Ctl.Tables;

namespace Switcher.Ctl;

/// <summary><c>switcherctl check</c>: will Switcher run here, or on the machine of a dump?</summary>
public static class CheckVerb
{
    public static Command Create()
    {
        Option<string?> dump = new("--acpidump")
        {
            Description = "Judge the tables in this acpidump text instead, also compressed (.gz); - reads standard input.",
            HelpName = "FILE",
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command = new("check",
            "Says whether Switcher will run on this machine, what each system would get, what to change and what is risky. "
            + "Exit status: 0 it will run, 1 it will not, 2 could not tell.")
        {
            dump,
            json,
        };
        command.SetAction(result => Run(result.GetValue(dump), result.GetValue(json)));
        return command;
    }

    private static int Run(string? dump, bool json)
    {
        Judgement judgement = new();
        TableReport report = Judge(new LinuxFiles("/"), dump, judgement);
        if (dump != null && judgement.Verdict == Verdict.Ok)
            judgement.Note("judged by the ACPI tables alone: CPU features, firmware and memory of that machine are not in a dump");
        if (json)
        {
            using Stream output = Console.OpenStandardOutput();
            JsonOutput.Write(output, judgement, report);
        }
        else
        {
            TextOutput.Write(Console.Out, judgement, report);
        }
        return judgement.ExitStatus;
    }

    /// <summary>Judges the machine that this runs on by everything that can be seen of it, or the one of a dump by its tables.</summary>
    /// <param name="files">Of the Linux that this runs on.</param>
    /// <param name="dump">The dump's file, or null.</param>
    /// <param name="judgement">Receives all that is found.</param>
    internal static TableReport Judge(LinuxFiles files, string? dump, Judgement judgement)
    {
        TableReport report = TableReport.Make(new TableImage(ReadTables(files, dump, judgement)), judgement);
        if (judgement.Verdict == Verdict.Ok)
            TableNotes.Add(report, judgement);
        if (dump == null)
            MachineJudge.Judge(files, judgement);
        return report;
    }

    private static List<DumpedTable> ReadTables(LinuxFiles files, string? dump, Judgement judgement)
    {
        try
        {
            if (dump == null)
                return KernelTables.Read(files.Path("sys/firmware/acpi/tables"));
            using Stream input = dump == "-" ? Console.OpenStandardInput() : File.OpenRead(dump);
            return AcpiDump.Read(input);
        }
        catch (UnauthorizedAccessException) when (dump == null)
        {
            judgement.Doubt("reading the ACPI tables of this machine needs root");
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            judgement.Doubt(dump == null ? "the kernel shows no ACPI tables" : $"{dump} could not be read: {failure.Message}");
        }
        return [];
    }
}

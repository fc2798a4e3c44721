using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text.RegularExpressions;

namespace Switcher.Tests.Acpi;

/// <summary>The reference implementation's tools, <c>iasl</c> and <c>acpiexec</c>, where they are installed.</summary>
internal static partial class AcpicaTools
{
    /// <summary>
    /// acpiexec writes the address of the DSDT into a FADT that it is given, even where the table ends before the field, and crashes:
    /// shorter ones cannot be given to it.
    /// </summary>
    public const int ShortestFadtForAcpiExec = 244;

    public static bool ArePresent => Find("iasl") != null && Find("acpiexec") != null;

    /// <summary>Runs a tool in a folder and gives all its output.</summary>
    public static string Run(string tool, string folder, params string[] arguments)
    {
        ProcessStartInfo start = new(Find(tool)!, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + errors.Result;
    }

    /// <summary>The complaints in a tool's output, without what differs from run to run: addresses, sizes, file names.</summary>
    public static SortedSet<string> Complaints(string output)
    {
        SortedSet<string> complaints = new(StringComparer.Ordinal);
        foreach (string line in output.Split('\n'))
        {
            if (Complaint().IsMatch(line) && !Summary().IsMatch(line))
                complaints.Add(Changing().Replace(line.Trim(), "#"));
        }
        return complaints;
    }

    private static string? Find(string tool)
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        {
            string path = Path.Combine(folder, tool);
            if (File.Exists(path))
                return path;
        }
        return null;
    }

    [GeneratedRegex("error|warning|incorrect|invalid|mismatch|unexpected|fault|exception", RegexOptions.IgnoreCase)]
    private static partial Regex Complaint();

    [GeneratedRegex(@"\b0 Errors, 0 Warnings|Outstanding|Compilation successful", RegexOptions.IgnoreCase)]
    private static partial Regex Summary();

    [GeneratedRegex(@"0x[0-9A-Fa-f]+|\b[0-9A-F]{8,}\b|\([a-z]+-[0-9]+\)|\S+\.(dat|dsl|aml)|line [0-9]+")]
    private static partial Regex Changing();
}

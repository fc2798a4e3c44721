using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text.RegularExpressions;
using Spectre.Console;
using Switcher.Runner;
using Switcher.Runner.Prepare;

namespace Switcher.Tests.Acpi;

/// <summary>
/// The reference implementation's tools, <c>iasl</c> and <c>acpiexec</c>: Debian's, fetched once into the runner's cache.
/// </summary>
internal static partial class AcpicaTools
{
    /// <summary>
    /// acpiexec writes the address of the DSDT into a FADT that it is given, even where the table ends before the field, and crashes:
    /// shorter ones cannot be given to it.
    /// </summary>
    public const int ShortestFadtForAcpiExec = 244;

    private const string Pinned = "acpica acpica-tools 20250404-1 865580 eea598bdb5d10ae51801f7c586a51f33335c60d964f5f18203cdda47fd5ab069 "
        + "pool/main/a/acpica-unix/acpica-tools_20250404-1_amd64.deb";

    private static readonly Cache s_cache = Cache.ForUser();
    private static readonly Cache s_tools = new(Path.Combine(s_cache.Folder, "acpica"));
    private static readonly Lazy<string?> s_failure = new(Prepare);

    /// <summary>Why they cannot be had, or null.</summary>
    public static string? Failure => s_failure.Value;

    /// <summary>Runs a tool in a folder and gives all its output.</summary>
    public static string Run(string tool, string folder, params string[] arguments)
    {
        string program = s_tools.InRoot("usr", "bin", tool);
        ProcessStartInfo start = new(
            RootProgram.Loader(s_cache), ["--library-path", RootProgram.Libraries(s_cache), program, .. arguments])
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

    /// <summary>The C library is that of the linker, which building the product needs too.</summary>
    private static string? Prepare()
    {
        try
        {
            PackageSet tools = new("acpica", "ACPICA's iasl and acpiexec", ["acpica-tools"], []);
            new Preparation(s_cache, AnsiConsole.Console).EnsureAsync([PackageSet.Linker], Pins.Read(), default).GetAwaiter().GetResult();
            new Preparation(s_tools, AnsiConsole.Console).EnsureAsync([tools], PackageLock.Parse(Pinned), default).GetAwaiter().GetResult();
            return null;
        }
        catch (RunnerException failure)
        {
            return failure.Message;
        }
    }

    [GeneratedRegex("error|warning|incorrect|invalid|mismatch|unexpected|fault|exception", RegexOptions.IgnoreCase)]
    private static partial Regex Complaint();

    [GeneratedRegex(@"\b0 Errors, 0 Warnings|Outstanding|Compilation successful", RegexOptions.IgnoreCase)]
    private static partial Regex Summary();

    [GeneratedRegex(@"0x[0-9A-Fa-f]+|\b[0-9A-F]{8,}\b|\([a-z]+-[0-9]+\)|\S+\.(dat|dsl|aml)|line [0-9]+")]
    private static partial Regex Changing();
}

using System;
using System.Collections.Generic;
using System.IO;
using Switcher.Ctl.Tables;
using Xunit;

namespace Switcher.Tests.Acpi;

/// <summary>The dumps of real machines: those kept with the tests, and where it is there a larger folder beside the repository.</summary>
internal static class Dumps
{
    private const string Suffix = ".acpidump.gz";

    /// <summary>The dumps in the repository, by file name.</summary>
    public static TheoryData<string> Kept => Names(KeptFolder);

    /// <summary>All dumps that can be found, each once.</summary>
    public static TheoryData<string> All
    {
        get
        {
            SortedSet<string> names = [.. List(KeptFolder), .. List(SharedFolder)];
            TheoryData<string> data = [];
            foreach (string name in names)
                data.Add(name);
            return data;
        }
    }

    public static string KeptFolder => Path.Combine(AppContext.BaseDirectory, "Data");

    /// <summary>../shared/acpi-dumps beside the repository.</summary>
    public static string SharedFolder => Path.Combine(Repository, "..", "shared", "acpi-dumps");

    private static string Repository
    {
        get
        {
            string? folder = AppContext.BaseDirectory;
            while (folder != null && !File.Exists(Path.Combine(folder, "Switcher.sln")))
                folder = Path.GetDirectoryName(folder);
            return folder ?? AppContext.BaseDirectory;
        }
    }

    public static string PathOf(string name)
    {
        string kept = Path.Combine(KeptFolder, name + Suffix);
        return File.Exists(kept) ? kept : Path.Combine(SharedFolder, name + Suffix);
    }

    public static bool Exists(string name) => File.Exists(PathOf(name));

    public static List<DumpedTable> Read(string name)
    {
        using FileStream stream = File.OpenRead(PathOf(name));
        return AcpiDump.Read(stream);
    }

    private static TheoryData<string> Names(string folder)
    {
        TheoryData<string> data = [];
        foreach (string name in List(folder))
            data.Add(name);
        return data;
    }

    private static IEnumerable<string> List(string folder)
    {
        if (!Directory.Exists(folder))
            yield break;
        foreach (string file in Directory.GetFiles(folder, "*" + Suffix))
            yield return Path.GetFileName(file)[..^Suffix.Length];
    }
}

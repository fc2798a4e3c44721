using System;
using System.Collections.Generic;
using System.IO;

namespace Switcher.Ctl.Tables;

/// <summary>Reads the tables of the running machine from the Linux kernel, which needs root.</summary>
public static class KernelTables
{
    /// <param name="directory">Normally <c>/sys/firmware/acpi/tables</c>.</param>
    /// <exception cref="UnauthorizedAccessException">The caller is not root.</exception>
    /// <exception cref="IOException">The kernel has no tables to show.</exception>
    public static List<DumpedTable> Read(string directory)
    {
        List<DumpedTable> tables = [];
        string[] files = Directory.GetFiles(directory);
        Array.Sort(files, CompareNames);
        foreach (string file in files)
            tables.Add(DumpedTable.FromBytes(Path.GetFileName(file), 0, File.ReadAllBytes(file)));
        return tables;
    }

    /// <summary>In the order of the root table, as far as the names tell it: SSDT2 before SSDT10.</summary>
    private static int CompareNames(string one, string other) =>
        one.Length != other.Length ? one.Length.CompareTo(other.Length) : string.CompareOrdinal(one, other);
}

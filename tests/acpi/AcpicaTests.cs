using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Switcher.Acpi;
using Switcher.Ctl.Check;
using Switcher.Ctl.Tables;
using Xunit;

namespace Switcher.Tests.Acpi;

/// <summary>
/// Comparisons with ACPICA, the implementation that Linux uses: what it makes of the tables, and what it thinks of the guests' views.
/// </summary>
public sealed class AcpicaTests : IDisposable
{
    private const ulong BufferAddress = 0x20000000;

    private readonly string _folder = Directory.CreateTempSubdirectory("switcher-acpi-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [MemberData(nameof(Dumps.All), MemberType = typeof(Dumps))]
    public void SleepObjects_OfARealMachine_AreThoseThatAcpiexecFinds(string name)
    {
        Skip.If(AcpicaTools.Failure != null, AcpicaTools.Failure);
        List<DumpedTable> tables = Dumps.Read(name);
        SleepTypes sleep = TableReport.Make(new TableImage(tables), new Judgement()).Sleep;
        string[] blocks = [.. tables.Where(table => table.Signature is "DSDT" or "SSDT")
            .Select((table, i) => Save($"{i}.dat", table.Bytes))];

        // Memory reads as all zeros, then as all ones: what does not depend on memory must come out both times.
        foreach (string fill in (string[])["0", "255"])
        {
            string commands = string.Join(';', Enumerable.Range(0, 6).Select(state => $"evaluate \\_S{state}"));
            string output = AcpicaTools.Run("acpiexec", _folder, ["-di", "-to", "1", "-fv", fill, "-b", commands, .. blocks]);
            if (fill != "0" && output.Contains("table load failed", StringComparison.Ordinal))
                continue; // memory full of ones is more than some machines' tables can bear
            IsSame(output, 0, sleep.S0);
            IsSame(output, 1, sleep.S1);
            IsSame(output, 2, sleep.S2);
            IsSame(output, 3, sleep.S3);
            IsSame(output, 4, sleep.S4);
            IsSame(output, 5, sleep.S5);
        }
    }

    private static void IsSame(string output, int state, SleepState found)
    {
        Match match = Regex.Match(output,
            $@"Evaluation of \\_S{state} (?<failed>failed with status AE_NOT_FOUND)?"
            + @"(?<values>(.*\n)(.*Package.*\n)?( +\[Integer\] = [0-9A-F]+\n)*)");
        Assert.True(match.Success, output);
        if (found.Source == SleepStateSource.Conditional)
            return;
        Assert.Equal(found.Source == SleepStateSource.Present, !match.Groups["failed"].Success);
        if (found.Source != SleepStateSource.Present)
            return;
        string[] values = [.. Regex.Matches(match.Groups["values"].Value, @"\[Integer\] = ([0-9A-F]+)")
            .Select(value => value.Groups[1].Value)];
        Assert.Equal(found.SlpTypA, byte.Parse(values[0][^2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        Assert.Equal(found.SlpTypB, byte.Parse(values[1][^2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    [SkippableTheory]
    [MemberData(nameof(Dumps.All), MemberType = typeof(Dumps))]
    public void View_OfARealMachine_DrawsNoComplaintThatTheOriginalDidNot(string name)
    {
        Skip.If(AcpicaTools.Failure != null, AcpicaTools.Failure);
        TableImage image = new(Dumps.Read(name));
        RootTables<ImageMemory>.Open(image.Memory, image.RsdpAddress, default, out RootTables<ImageMemory> tables);
        Fadt.Find(tables, default, out ReadOnlySpan<byte> fadt, out _);
        SleepTypes sleep = SleepTypes.Read(tables, new Fadt(fadt).MapDsdt(image.Memory, default), default);
        GuestTablesOptions options = new() { CopyTables = true };
        byte[] buffer = new byte[GuestTables.Measure(tables, sleep, options)];
        Assert.Equal(AcpiStatus.Success, GuestTables.Write(tables, sleep, options, buffer, BufferAddress, out GuestView view));
        ImageMemory memory = ImageMemory.Create();
        memory.TryAdd(BufferAddress, buffer);
        RootTables<ImageMemory>.Open(memory, view.RsdpAddress, default, out RootTables<ImageMemory> guest);

        // acpiexec's threads now and then break each other's lines: what is true of the tables is said every time.
        SortedSet<string> before = [];
        SortedSet<string> after = [];
        for (int i = 0; i < 3 && (i == 0 || after.Count > 0); i++)
        {
            before.UnionWith(Complaints("before", tables, isView: false));
            after = Complaints("after", guest, isView: true);
            after.ExceptWith(before);
        }
        Assert.Empty(after);

        if (!view.HasSleepSsdt)
            return;
        byte[] ssdt = guest.TableAt(guest.Count - 1).ToArray();
        Save("sleep.dat", ssdt);
        Assert.Empty(AcpicaTools.Complaints(AcpicaTools.Run("iasl", _folder, "-d", "sleep.dat")));
        string source = File.ReadAllText(Path.Combine(_folder, "sleep.dsl"));
        Assert.Contains("Name (\\_S3, Package (0x04)", source, StringComparison.Ordinal);
        if (sleep.S3.Source == SleepStateSource.Conditional)
            return; // as source, iasl takes a CondRefOf of a name that the same file defines further down for a mistake; as AML it is none
        Assert.Contains("Compilation successful. 0 Errors, 0 Warnings", AcpicaTools.Run("iasl", _folder, "sleep.dsl"),
            StringComparison.Ordinal);
    }

    /// <summary>What iasl says of each table that a view has of its own, and acpiexec of all tables together.</summary>
    private SortedSet<string> Complaints(string prefix, RootTables<ImageMemory> tables, bool isView)
    {
        Fadt.Find(tables, default, out ReadOnlySpan<byte> fadt, out _);
        SortedSet<string> complaints = Disassemble($"{prefix}-fadt", fadt);
        ReadOnlySpan<byte> facs = Facs.Map(tables.Memory, new Fadt(fadt).FacsAddress, default);
        if (!facs.IsEmpty)
            complaints.UnionWith(Disassemble($"{prefix}-facs", facs));
        complaints.UnionWith(Disassemble($"{prefix}-root", tables.Root.Bytes));

        List<string> arguments = ["-di", "-to", "1", "-fv", "0", "-b", "evaluate \\_S3"];
        arguments.Add(Save($"{prefix}-dsdt.dat", new Fadt(fadt).MapDsdt(tables.Memory, default)));
        if (fadt.Length >= AcpicaTools.ShortestFadtForAcpiExec)
            arguments.Add(Save($"{prefix}-fadt.dat", fadt));
        for (int i = 0; i < tables.Count; i++)
        {
            if (tables.SignatureAt(i) == Signature.Ssdt)
                arguments.Add(Save($"{prefix}-{i}.dat", tables.TableAt(i)));
        }
        string output = AcpicaTools.Run("acpiexec", _folder, [.. arguments]);
        complaints.UnionWith(AcpicaTools.Complaints(output));
        if (isView && !new Fadt(fadt).IsHardwareReduced)
            Assert.Contains("Evaluation of \\_S3 returned object", output, StringComparison.Ordinal);
        return complaints;
    }

    private SortedSet<string> Disassemble(string name, ReadOnlySpan<byte> table)
    {
        Save($"{name}.dat", table);
        string output = AcpicaTools.Run("iasl", _folder, "-d", $"{name}.dat");
        return AcpicaTools.Complaints(output + "\n" + File.ReadAllText(Path.Combine(_folder, $"{name}.dsl")));
    }

    private string Save(string file, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(Path.Combine(_folder, file), bytes.ToArray());
        return file;
    }
}

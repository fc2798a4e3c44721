using System;
using System.IO;
using Switcher.Acpi;
using Switcher.Ctl.Check;
using Switcher.Ctl.Tables;
using Switcher.Tests.Acpi;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary>Every machine of <c>Data/machines.tsv</c>, whose contents were read with <c>iasl -d</c>.</summary>
public sealed class DumpTests
{
    public static TheoryData<string> Machines
    {
        get
        {
            TheoryData<string> data = [];
            foreach (string line in File.ReadAllLines(Path.Combine(Dumps.KeptFolder, "machines.tsv")))
            {
                if (!line.StartsWith('#'))
                    data.Add(line);
            }
            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Machines))]
    public void Machine_ReadByTheLibrary_IsAsIaslShowsIt(string line)
    {
        string[] fields = line.Split('\t');
        Skip.IfNot(Dumps.Exists(fields[0]), $"{fields[0]} is not in {Dumps.SharedFolder}");
        TableReport report = Read(fields[0], out Verdict verdict);

        Assert.Equal(fields[1] == "1", report.IsHardwareReduced);
        Assert.Equal(fields[2] == "1", report.IsLowPowerS0);
        Assert.Equal(fields[3], Text(report.Hardware.Pm1aCnt));
        Assert.Equal(fields[4], Text(report.Hardware.Pm1bCnt));
        Assert.Equal(fields[5], report.Hardware.Reset.IsPresent ? $"{Text(report.Hardware.Reset)}={report.Hardware.ResetValue}" : "-");
        IsAsShown(fields[6], report.Sleep.S3);
        IsAsShown(fields[7], report.Sleep.S4);
        IsAsShown(fields[8], report.Sleep.S5);
        Assert.Equal(report.IsHardwareReduced ? Verdict.Refused : Verdict.Ok, verdict);
        Assert.True(report.View.ChecksumsOk);
        int added = report.View.Tables - report.TableCount;
        Assert.Equal(verdict == Verdict.Ok && report.Sleep.S3.Source != SleepStateSource.Present ? 1 : 0, added - Missing(report));
        Assert.Equal(report.TableCount - report.FacsCount - 1, report.View.UnchangedTables);
    }

    private static TableReport Read(string name, out Verdict verdict)
    {
        Judgement judgement = new();
        TableReport report = TableReport.Make(new TableImage(Dumps.Read(name)), judgement);
        verdict = judgement.Verdict;
        return report;
    }

    /// <summary>A FACS that the dump lacks but the FADT names is made for the view.</summary>
    private static int Missing(TableReport report) => report.FacsCount == 0 ? 1 : 0;

    private static string Text(GenericAddress register) =>
        !register.IsPresent ? "-" : $"{(register.Space == AddressSpace.SystemIo ? "io" : "memory")}:0x{register.Address:x}";

    private static void IsAsShown(string shown, SleepState state)
    {
        bool isConditional = shown.StartsWith('?');
        if (shown == "-")
        {
            Assert.False(state.IsOffered);
            return;
        }
        Assert.Equal(shown.TrimStart('?'), $"{state.SlpTypA},{state.SlpTypB}");
        if (!isConditional)
            Assert.Equal(SleepStateSource.Present, state.Source);
        else
            Assert.NotEqual(SleepStateSource.Missing, state.Source);
    }

    [Fact]
    public void Surface_WithS3InsideAFalseIf_HasItDisabled()
    {
        TableReport report = Read("Tablet-Microsoft-Surface-Surface-Pro-773032238BB5", out _);
        Assert.Equal(SleepStateSource.Disabled, report.Sleep.S3.Source);
        Assert.True(report.IsS3Synthesized);
    }

    [Fact]
    public void ConRoe_WithS3InsideAnIfOnAField_HasItConditionallyAndAWrongChecksum()
    {
        TableReport report = Read("Desktop-ASRock-ConRoe1333-ConRoe1333-GLAN-7DEFD46B4817", out _);
        Assert.Equal(SleepStateSource.Conditional, report.Sleep.S3.Source);
        Assert.Equal(["ChecksumWrong: OEMB (\"AMI_OEM\") has checksum 0xBB, it should be 0xAE."], report.Problems);
    }

    [Fact]
    public void Compaq8100_WithZeroForPm1a_IsToldApartByPm1b()
    {
        TableReport report = Read("Desktop-Hewlett-Packard-Compaq-Compaq-8100-Elite-SFF-PC-AB6EADEE22B9", out Verdict verdict);
        Assert.Equal(Verdict.Ok, verdict);
        Assert.Equal(report.Sleep.S5.SlpTypA, report.Sleep.S3.SlpTypA);
        Assert.NotEqual(report.Sleep.S5.SlpTypB, report.Sleep.S3.SlpTypB);
    }

    [Theory]
    [MemberData(nameof(Dumps.Kept), MemberType = typeof(Dumps))]
    public void Dump_ReadAgain_GivesTheSameTables(string name)
    {
        var first = Dumps.Read(name);
        Assert.NotEmpty(first);
        foreach (DumpedTable table in first)
        {
            // Each table's own length agrees with the text that was read.
            if (table.Signature != "FACS")
                Assert.Equal((uint)table.Bytes.Length, new Sdt(table.Bytes).Length);
        }
    }
}

using System;
using System.Collections.Generic;
using System.Text;
using Switcher.Acpi;
using Switcher.Boot.Verdict;
using Switcher.Ctl.Check;
using Switcher.Ctl.Tables;
using Switcher.Tests.Acpi;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary>
/// Every kind of machine, judged as the boot does (it refuses with the first finding that is no note) and as <c>switcherctl check</c> does.
/// </summary>
public sealed class VerdictTests
{
    [Theory]
    [MemberData(nameof(JudgedMachines.Kinds), MemberType = typeof(JudgedMachines))]
    public void Judge_EveryKindOfMachine_IsJudgedAlikeByBoth(string kind, Verdict expected, string reason)
    {
        TableImage image = JudgedMachines.Make(kind).Build();
        Judgement judgement = JudgedAlike(image, out TableReport report);
        Assert.Equal(expected, judgement.Verdict);
        if (reason.Length != 0)
            Assert.Contains(judgement.Reasons, found => found.Contains(reason, StringComparison.Ordinal));
        Assert.Equal(kind is "no S3", report.IsS3Synthesized);
        Assert.Equal(
            kind is "no FACS" or "stray X_FIRMWARE_CTRL alone" or "FACS of zeros",
            judgement.Reasons.Exists(found => found.StartsWith("there is no FACS", StringComparison.Ordinal)));
    }

    /// <summary>Whatever the machine has for a FACS, each guest gets one of ours, and its FADT leads to it.</summary>
    [Theory]
    [InlineData("sane")]
    [InlineData("no FACS")]
    [InlineData("stray X_FIRMWARE_CTRL")]
    [InlineData("stray X_FIRMWARE_CTRL alone")]
    [InlineData("FACS of zeros")]
    public void View_OfAMachineWithAnyFacs_HasItsOwn(string kind)
    {
        const ulong Address = 0x1000_0000;
        TestMachine machine = JudgedMachines.Make(kind);
        machine.Facs[8] = 0xAB; // the hardware signature
        TableImage image = machine.Build();
        BootFindings findings = new([]);
        TableVerdict.Judge(image.Memory, image.RsdpAddress, default, ref findings, out SleepTables<ImageMemory> read);
        byte[] buffer = new byte[GuestTables.Measure(read.Tables, read.Sleep, default)];
        Assert.Equal(AcpiStatus.Success, GuestTables.Write(read.Tables, read.Sleep, default, buffer, Address, out GuestView view));
        Span<byte> facs = buffer.AsSpan((int)(view.FacsAddress - Address), Facs.StandardLength);
        Assert.Equal("FACS"u8.ToArray(), facs[..4].ToArray());
        Assert.Equal(64, facs[Facs.LengthOffset]);
        Assert.Equal(kind is "sane" or "stray X_FIRMWARE_CTRL" ? 0xAB : 0, facs[8]);
        ImageMemory memory = ImageMemory.Create();
        memory.TryAdd(Address, buffer);
        RootTables<ImageMemory>.Open(memory, view.RsdpAddress, default, out RootTables<ImageMemory> guest);
        Fadt.Find(guest, default, out ReadOnlySpan<byte> fadt, out _);
        Assert.Equal(view.FacsAddress, new Fadt(fadt).FacsAddress);
    }

    /// <summary>An XSDT of zeros, or without the FADT that the RSDT has: the RSDT is used, and both say so.</summary>
    [Theory]
    [MemberData(nameof(JudgedMachines.EntriesWithoutFadt), MemberType = typeof(JudgedMachines))]
    public void Judge_XsdtWithoutFadt_UsesTheRsdtAndSaysSo(ulong[] entries)
    {
        TableImage image = JudgedMachines.MakeWithRsdt(entries);
        Judgement judgement = JudgedAlike(image, out TableReport report);
        Assert.Equal(Verdict.Ok, judgement.Verdict);
        Assert.Contains("the XSDT leads to no FADT, so the RSDT is used", judgement.Reasons);
        Assert.Equal((5, 7), (report.Sleep.S3.SlpTypA, report.Sleep.S5.SlpTypA));
    }

    private static Judgement JudgedAlike(TableImage image, out TableReport report)
    {
        BootFindings boot = new([]);
        TableVerdict.Judge(image.Memory, image.RsdpAddress, default, ref boot, out _);
        string? refusal = boot.Found.Find(finding => finding.Severity != Severity.Note).Sentence;

        Judgement judgement = new();
        report = TableReport.Make(image, judgement);
        Assert.Equal(refusal == null, judgement.Verdict == Verdict.Ok);
        Assert.Equal(boot.Found.ConvertAll(finding => finding.Sentence), judgement.Reasons);
        return judgement;
    }

    private readonly struct BootFindings(List<(Severity Severity, string Sentence)> found) : IFindings
    {
        public List<(Severity Severity, string Sentence)> Found { get; } = found;

        public void Add(Severity severity, scoped ReadOnlySpan<byte> sentence) => Found.Add((severity, Encoding.ASCII.GetString(sentence)));
    }
}

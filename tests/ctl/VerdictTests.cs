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
    private const string NotKnown = "so it is not known how a system";
    private static readonly byte[] s_s5 = Sleep("_S5_", 7);

    public static TheoryData<string, Verdict, string> Kinds => new()
    {
        { "sane", Verdict.Ok, "" },
        { "no S3", Verdict.Ok, "" },
        { "no PM1", Verdict.Refused, "no PM1 control register" },
        { "PM1 without length", Verdict.Refused, "no PM1 control register" },
        { "PM1 in memory", Verdict.Refused, "not at I/O ports" },
        { "PM1b in memory", Verdict.Refused, "not at I/O ports" },
        { "hardware-reduced", Verdict.Refused, "hardware-reduced" },
        { "S3 like S5", Verdict.Refused, @"\_S3 has the values of \_S4 or \_S5" },
        { "S3 like S4", Verdict.Refused, @"\_S3 has the values of \_S4 or \_S5" },
        { "S3 by an I/O read", Verdict.Unknown, @"\_S3 decides by itself, " + NotKnown },
        { "S5 by an I/O read", Verdict.Unknown, @"\_S5 decides by itself, " + NotKnown },
        { "S5 by an I/O read, no S3", Verdict.Unknown, @"\_S5 decides by itself, " + NotKnown },
        { "S4 by an I/O read", Verdict.Ok, "" },
        { "types in PM1b only", Verdict.Ok, "" },
        { "types in PM1b only, no PM1b", Verdict.Refused, @"\_S3 has the values of \_S4 or \_S5" },
        { "no DSDT", Verdict.Unknown, NotKnown },
        { "no sleep objects", Verdict.Unknown, NotKnown },
        { "no FADT", Verdict.Unknown, "no FADT" },
        { "no FACS", Verdict.Ok, "" },
        { "stray X_FIRMWARE_CTRL", Verdict.Ok, "" },
        { "stray X_FIRMWARE_CTRL alone", Verdict.Ok, "" },
        { "FACS of zeros", Verdict.Ok, "" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Judge_EveryKindOfMachine_IsJudgedAlikeByBoth(string kind, Verdict expected, string reason)
    {
        TableImage image = Make(kind).Build();
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
        TestMachine machine = Make(kind);
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
    [InlineData(new ulong[] { 0, 0, 0 })]
    [InlineData(new ulong[] { 0x7F300000 })]
    public void Judge_XsdtWithoutFadt_UsesTheRsdtAndSaysSo(ulong[] entries)
    {
        byte[] fadt = TestMachine.NewFadt(244, 3);
        Checksum.Set(fadt, Sdt.ChecksumOffset);
        TableImage image = new(
        [
            new DumpedTable("RSD PTR", 0xF0000, RootMaker.Pointer(true, 0x7F100000, 0x7F200000)),
            new DumpedTable("XSDT", 0x7F100000, RootMaker.Table(true, [.. entries])),
            new DumpedTable("RSDT", 0x7F200000, RootMaker.Table(false, [0x7F300000, 0x7F400000])),
            new DumpedTable("SSDT", 0x7F300000, TestMachine.Table("SSDT", s_s5)),
            new DumpedTable("FACP", 0x7F400000, fadt),
            new DumpedTable("DSDT", TestMachine.DsdtAddress, TestMachine.Table("DSDT", Sleep("_S3_", 5))),
            new DumpedTable("FACS", TestMachine.FacsAddress, TestMachine.NewFacs()),
        ]);
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

    private static TestMachine Make(string kind)
    {
        TestMachine machine = new TestMachine().WithDsdt(Sleep("_S3_", 5), s_s5);
        switch (kind)
        {
            case "no S3":
                return machine.WithDsdt(s_s5);
            case "no PM1":
                TestMachine.Set32(machine.Fadt, 64, 0);
                break;
            case "PM1 without length":
                machine.Fadt[89] = 0;
                break;
            case "PM1 in memory":
                TestMachine.SetGas(machine.Fadt, 172, AddressSpace.SystemMemory, 16, 0xFED80804);
                break;
            case "PM1b in memory":
                TestMachine.SetGas(machine.Fadt, 184, AddressSpace.SystemMemory, 16, 0xFED80804);
                break;
            case "hardware-reduced":
                TestMachine.Set32(machine.Fadt, Fadt.FlagsOffset, (uint)FadtFlags.HwReducedAcpi);
                break;
            case "S3 like S5":
                return machine.WithDsdt(Sleep("_S3_", 7), s_s5);
            case "S3 like S4":
                return machine.WithDsdt(Sleep("_S3_", 6), Sleep("_S4_", 6), s_s5);
            case "S3 by an I/O read":
                return machine.WithDsdt(ByIoRead("_S3_", 5), s_s5);
            case "S5 by an I/O read":
                return machine.WithDsdt(Sleep("_S3_", 5), ByIoRead("_S5_", 7));
            case "S5 by an I/O read, no S3":
                return machine.WithDsdt(ByIoRead("_S5_", 7));
            case "S4 by an I/O read":
                return machine.WithDsdt(Sleep("_S3_", 5), ByIoRead("_S4_", 6), s_s5);
            case "types in PM1b only":
                TestMachine.Set32(machine.Fadt, 68, 0x460);
                return machine.WithDsdt(InPm1b("_S3_", 5), InPm1b("_S4_", 6), InPm1b("_S5_", 7));
            case "types in PM1b only, no PM1b":
                return machine.WithDsdt(InPm1b("_S3_", 5), InPm1b("_S4_", 6), InPm1b("_S5_", 7));
            case "no DSDT":
                TestMachine.Set32(machine.Fadt, Fadt.DsdtOffset, 0);
                break;
            case "no sleep objects":
                return machine.WithDsdt(Aml.Name("FOO_", Aml.One));
            case "no FADT":
                machine.Fadt = TestMachine.Table("JUNK", []);
                break;
            case "no FACS":
                TestMachine.Set32(machine.Fadt, Fadt.FirmwareCtrlOffset, 0);
                break;
            case "stray X_FIRMWARE_CTRL":
                TestMachine.Set64(machine.Fadt, Fadt.XFirmwareCtrlOffset, 0x1_2345_6000);
                break;
            case "stray X_FIRMWARE_CTRL alone":
                TestMachine.Set32(machine.Fadt, Fadt.FirmwareCtrlOffset, 0);
                TestMachine.Set64(machine.Fadt, Fadt.XFirmwareCtrlOffset, 0x1_2345_6000);
                break;
            case "FACS of zeros":
                machine.Facs = new byte[64];
                break;
        }
        return machine;
    }

    private static byte[] Sleep(string name, byte value) => Aml.Name(name, Aml.Package(Aml.Byte(value), Aml.Byte(value)));

    private static byte[] InPm1b(string name, byte value) => Aml.Name(name, Aml.Package(Aml.Zero, Aml.Byte(value)));

    /// <summary>
    /// OperationRegion (IOPn, SystemIO, 0x80, 1) Field (IOPn, ...) { IOFn, 8 } Method (name) { If (IOFn) { Return (Package { value }) }
    /// Return (Package { 1 }) }
    /// </summary>
    private static byte[] ByIoRead(string name, byte value)
    {
        string number = name[2..3];
        return Aml.Join(
            Aml.OperationRegion($"IOP{number}", 1, Aml.Byte(0x80), Aml.One),
            Aml.Field($"IOP{number}", ($"IOF{number}", 8)),
            Aml.Method(
                name,
                0,
                Aml.If(Aml.Path($"IOF{number}"), Aml.Return(Aml.Package(Aml.Byte(value)))),
                Aml.Return(Aml.Package(Aml.One))));
    }

    private readonly struct BootFindings(List<(Severity Severity, string Sentence)> found) : IFindings
    {
        public List<(Severity Severity, string Sentence)> Found { get; } = found;

        public void Add(Severity severity, scoped ReadOnlySpan<byte> sentence) => Found.Add((severity, Encoding.ASCII.GetString(sentence)));
    }
}

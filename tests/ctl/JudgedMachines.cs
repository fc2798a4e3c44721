using System.Collections.Generic;
using Switcher.Acpi;
using Switcher.Ctl.Check;
using Switcher.Ctl.Tables;
using Switcher.Tests.Acpi;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary>
/// Every kind of machine whose tables somebody has to judge, with what is right. Whoever judges is shown them: <c>switcherctl check</c>
/// here, the boot's own step in <c>tests/loader</c>.
/// </summary>
internal static class JudgedMachines
{
    private const ulong SsdtAddress = 0x7F013000;
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

    /// <summary>Entries of an XSDT without a FADT that its RSDT has.</summary>
    public static TheoryData<ulong[]> EntriesWithoutFadt => [[0, 0, 0], [SsdtAddress]];

    public static TestMachine Make(string kind)
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

    /// <summary>A machine whose XSDT has these entries, with a FADT in its RSDT alone.</summary>
    public static TableImage MakeWithRsdt(ulong[] entries)
    {
        byte[] fadt = TestMachine.NewFadt(244, 3);
        Checksum.Set(fadt, Sdt.ChecksumOffset);
        return new TableImage(
        [
            new DumpedTable("RSD PTR", 0x7F010000, RootMaker.Pointer(true, 0x7F011000, 0x7F012000)),
            new DumpedTable("XSDT", 0x7F011000, RootMaker.Table(true, [.. entries])),
            new DumpedTable("RSDT", 0x7F012000, RootMaker.Table(false, [SsdtAddress, 0x7F014000])),
            new DumpedTable("SSDT", SsdtAddress, TestMachine.Table("SSDT", s_s5)),
            new DumpedTable("FACP", 0x7F014000, fadt),
            new DumpedTable("DSDT", TestMachine.DsdtAddress, TestMachine.Table("DSDT", Sleep("_S3_", 5))),
            new DumpedTable("FACS", TestMachine.FacsAddress, TestMachine.NewFacs()),
        ]);
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
}

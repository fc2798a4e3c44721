using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Text;
using Switcher.Acpi;
using Switcher.Ctl.Check;
using Switcher.Ctl.Tables;
using Switcher.Tests.Acpi;
using Xunit;

namespace Switcher.Tests.Ctl;

public sealed class AcpiDumpTests
{
    private const string Text = """
        FACP @ 0x00000000BF77E000
          0000: 46 41 43 50 14 00 00 00 01 02 03 04 05 06 07 08  FACP............
          0010: 41 42 43 44                                      ABCD

        RSD PTR @ 0x00000000000F0490
          0000: 52 53 44 20 50 54 52 20                          RSD PTR

        not a header @ 0xZZ
        SSDT @ 0x0000000000000000
            0000: 53 53 44 54 de AD  SSDT..
        """;

    [Theory]
    [InlineData("\n", false)]
    [InlineData("\r\n", false)]
    [InlineData("\n", true)]
    public void Read_EveryFormOfADump_GivesItsTables(string newLine, bool isCompressed)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(Text.ReplaceLineEndings(newLine));
        List<DumpedTable> tables = AcpiDump.Read(new MemoryStream(isCompressed ? Compress(bytes) : bytes));
        Assert.Equal(["FACP", "RSD PTR", "SSDT"], tables.ConvertAll(table => table.Signature));
        Assert.Equal([0xBF77E000ul, 0xF0490ul, 0ul], tables.ConvertAll(table => table.Address));
        Assert.Equal([20, 8, 6], tables.ConvertAll(table => table.Bytes.Length));
        Assert.Equal("ABCD"u8.ToArray(), tables[0].Bytes[16..]);
        Assert.Equal([0x53, 0x53, 0x44, 0x54, 0xDE, 0xAD], tables[2].Bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello\n")]
    [InlineData("FACP @ 0x0\n")]
    public void Read_NoDump_GivesNoTables(string text) => Assert.Empty(AcpiDump.Read(new MemoryStream(Encoding.ASCII.GetBytes(text))));

    [Fact]
    public void Read_DamagedCompression_Throws()
    {
        byte[] bytes = Compress(Encoding.ASCII.GetBytes(Text));
        bytes[12] ^= 0xFF;
        Assert.ThrowsAny<InvalidDataException>(() => AcpiDump.Read(new MemoryStream(bytes)));
    }

    [Fact]
    public void Image_OfADumpWithRootTables_UsesThemAsTheyAre()
    {
        // The RSDT leads to an ACPI 1.0 FADT, the XSDT to another one: an OS looks at the XSDT's only.
        byte[] old = TestMachine.NewFadt(116, 1);
        TestMachine.Set32(old, 64, 0x4004);
        byte[] fadt = TestMachine.NewFadt(244, 3);
        TestMachine.Set32(fadt, 40, 0x7F700000);
        byte[] stray = TestMachine.Table("SSDT", Aml.Name("\\_S3_", Aml.Package(Aml.One, Aml.One))); // loaded by an OS later: not listed
        TableImage image = new(
        [
            new DumpedTable("FACP", 0x7F100000, old),
            new DumpedTable("FACP", 0x7F200000, fadt),
            new DumpedTable("SSDT", 0x7F300000, stray),
            new DumpedTable("RSDT", 0x7F500000, TestMachine.Table("RSDT", BitConverter.GetBytes(0x7F100000u))),
            new DumpedTable("XSDT", 0x7F600000, TestMachine.Table("XSDT", BitConverter.GetBytes(0x7F200000ul))),
            new DumpedTable("DSDT", 0x7F700000, TestMachine.Table("DSDT", Aml.Name("\\_S5_", Aml.Package(Aml.Byte(7), Aml.Zero)))),
        ]);
        TableReport report = TableReport.Make(image, new Judgement());
        Assert.Equal(0x404ul, report.Hardware.Pm1aCnt.Address);
        Assert.Equal(SleepStateSource.Missing, report.Sleep.S3.Source);
        Assert.Equal(7, report.Sleep.S5.SlpTypA);
    }

    [Fact]
    public void Image_WithSeveralFacs_CountsEachPlaceOnce()
    {
        byte[] facs = TestMachine.NewFacs();
        DumpedTable At(ulong address) => new("FACS", address, facs);
        Assert.Equal(2, new TableImage([At(0x1000), At(0x1000), At(0x2000)]).FacsCount);
        Assert.Equal(2, new TableImage([At(0), At(0)]).FacsCount);
    }

    private static byte[] Compress(byte[] bytes)
    {
        MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionMode.Compress))
            gzip.Write(bytes);
        return compressed.ToArray();
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Acpi;
using Switcher.Ctl.Tables;
using Xunit;

namespace Switcher.Tests.Acpi;

public sealed class RootTablesTests
{
    private const ulong RsdpAddress = 0xF5A00;
    private const ulong RsdtAddress = 0x7FF00000;
    private const ulong XsdtAddress = 0x7FF10000;
    private const ulong TableAddress = 0x7FF20000;

    private readonly ImageMemory _memory = ImageMemory.Create();

    private AcpiStatus Open(out RootTables<ImageMemory> tables, out List<ProblemKind> kinds)
    {
        ProblemList problems = new(new Problem[200]);
        AcpiStatus status = RootTables<ImageMemory>.Open(_memory, RsdpAddress, problems, out tables);
        kinds = TestMachine.Kinds(problems);
        return status;
    }

    private static byte[] Pointer(byte revision, uint rsdt, ulong xsdt)
    {
        byte[] rsdp = new byte[36];
        Rsdp.SignatureText.CopyTo(rsdp);
        rsdp[Rsdp.RevisionOffset] = revision;
        TestMachine.Set32(rsdp, Rsdp.RsdtAddressOffset, rsdt);
        TestMachine.Set32(rsdp, Rsdp.LengthOffset, 36);
        TestMachine.Set64(rsdp, Rsdp.XsdtAddressOffset, xsdt);
        Checksum.Set(rsdp.AsSpan(0, 20), Rsdp.ChecksumOffset);
        Checksum.Set(rsdp, Rsdp.ExtendedChecksumOffset);
        return revision < 2 ? rsdp[..20] : rsdp;
    }

    private static byte[] Xsdt(params ulong[] entries) => TestMachine.Table("XSDT", [.. entries.SelectMany(BitConverter.GetBytes)]);

    private static byte[] Rsdt(params uint[] entries) => TestMachine.Table("RSDT", [.. entries.SelectMany(BitConverter.GetBytes)]);

    private void AddTables(byte[]? rsdp = null, byte[]? xsdt = null, byte[]? rsdt = null)
    {
        Assert.True(_memory.TryAdd(RsdpAddress, rsdp ?? Pointer(2, (uint)RsdtAddress, XsdtAddress)));
        Assert.True(_memory.TryAdd(XsdtAddress, xsdt ?? Xsdt(TableAddress)));
        Assert.True(_memory.TryAdd(RsdtAddress, rsdt ?? Rsdt((uint)TableAddress, (uint)TableAddress + 0x1000)));
        Assert.True(_memory.TryAdd(TableAddress, TestMachine.Table("AAAA", [1, 2, 3])));
        Assert.True(_memory.TryAdd(TableAddress + 0x1000, TestMachine.Table("BBBB", [])));
    }

    [Fact]
    public void Open_Revision2_UsesTheXsdt()
    {
        AddTables();
        Assert.Equal(AcpiStatus.Success, Open(out RootTables<ImageMemory> tables, out List<ProblemKind> problems));
        Assert.Equal(Signature.Xsdt, tables.Root.Signature);
        Assert.Equal(1, tables.Count);
        Assert.Equal(TableAddress, tables.AddressAt(0));
        Assert.True(tables.TryFind(new Signature("AAAA"u8), 0, out ReadOnlySpan<byte> table, out ulong address));
        Assert.Equal(39, table.Length);
        Assert.Equal(TableAddress, address);
        Assert.False(tables.TryFind(new Signature("AAAA"u8), 1, out _, out _));
        Assert.Empty(problems);
    }

    [Fact]
    public void Open_Revision0_UsesTheRsdt()
    {
        AddTables(Pointer(0, (uint)RsdtAddress, 0));
        Assert.Equal(AcpiStatus.Success, Open(out RootTables<ImageMemory> tables, out List<ProblemKind> problems));
        Assert.Equal(Signature.Rsdt, tables.Root.Signature);
        Assert.Equal(2, tables.Count);
        Assert.Empty(problems);
    }

    [Fact]
    public void Open_XsdtThatIsNone_FallsBackToTheRsdt()
    {
        AddTables(xsdt: TestMachine.Table("JUNK", []));
        Assert.Equal(AcpiStatus.Success, Open(out RootTables<ImageMemory> tables, out List<ProblemKind> problems));
        Assert.Equal(Signature.Rsdt, tables.Root.Signature);
        Assert.Equal([ProblemKind.SignatureUnexpected], problems);
    }

    /// <summary>Three zero entries, or tables but no FADT; the RSDT has one.</summary>
    [Theory]
    [InlineData(new ulong[] { 0, 0, 0 })]
    [InlineData(new ulong[] { TableAddress, TableAddress + 0x1000 })]
    public void Open_XsdtThatLeadsToNoFadt_FallsBackToAnRsdtThatDoes(ulong[] entries)
    {
        Assert.True(_memory.TryAdd(0x3000, TestMachine.NewFadt(244, 3)));
        AddTables(xsdt: Xsdt(entries), rsdt: Rsdt((uint)TableAddress, 0x3000));
        Assert.Equal(AcpiStatus.Success, Open(out RootTables<ImageMemory> tables, out List<ProblemKind> problems));
        Assert.Equal(Signature.Rsdt, tables.Root.Signature);
        Assert.True(tables.IsRsdtPreferred);
        Assert.Equal(ProblemKind.XsdtWithoutFadt, problems[0]);
        Assert.Equal(AcpiStatus.Success, Fadt.Find(tables, default, out _, out ulong address));
        Assert.Equal(0x3000ul, address);
    }

    [Fact]
    public void Open_NeitherLeadsToAFadt_StaysWithTheXsdt()
    {
        AddTables();
        Assert.Equal(AcpiStatus.Success, Open(out RootTables<ImageMemory> tables, out _));
        Assert.False(tables.IsRsdtPreferred);
    }

    [Fact]
    public void Open_XsdtAddressZero_UsesTheRsdt()
    {
        AddTables(Pointer(2, (uint)RsdtAddress, 0));
        Assert.Equal(AcpiStatus.Success, Open(out RootTables<ImageMemory> tables, out _));
        Assert.Equal(Signature.Rsdt, tables.Root.Signature);
    }

    [Fact]
    public void Open_WrongChecksums_AreReportedAndTolerated()
    {
        byte[] rsdp = Pointer(2, (uint)RsdtAddress, XsdtAddress);
        rsdp[9]++;
        byte[] xsdt = Xsdt(TableAddress);
        xsdt[9]++;
        AddTables(rsdp, xsdt);
        _memory.Map(TableAddress, 39); // stays right
        Assert.Equal(AcpiStatus.Success, Open(out _, out List<ProblemKind> problems));
        Assert.Equal([ProblemKind.RsdpChecksumWrong, ProblemKind.RsdpExtendedChecksumWrong, ProblemKind.ChecksumWrong], problems);
    }

    [Fact]
    public void Open_BadEntries_AreReportedByNameAndReadAsEmpty()
    {
        byte[] tooShort = TestMachine.Table("SHRT", []);
        TestMachine.Set32(tooShort, 4, 12);
        byte[] tooLong = TestMachine.Table("LONG", []);
        TestMachine.Set32(tooLong, 4, 0xFFFFFFF0);
        Assert.True(_memory.TryAdd(0x1000, tooShort));
        Assert.True(_memory.TryAdd(0x2000, tooLong));
        AddTables(xsdt: Xsdt(0, TableAddress, TableAddress, XsdtAddress, 0xDEAD0000, ulong.MaxValue, 0x1000, 0x2000));
        Assert.Equal(AcpiStatus.Success, Open(out RootTables<ImageMemory> tables, out List<ProblemKind> problems));
        Assert.Equal(
            [
                ProblemKind.RootEntryZero, ProblemKind.RootEntryRepeated, ProblemKind.RootEntryIsRoot, ProblemKind.TableUnreadable,
                ProblemKind.TableUnreadable, ProblemKind.TableLengthTooShort, ProblemKind.TableLengthTooLong,
            ],
            problems);
        for (int i = 0; i < tables.Count; i++)
            Assert.Equal(i != 1, tables.TableAt(i).IsEmpty);
    }

    [Fact]
    public void Open_UnevenLength_IsReported()
    {
        AddTables(xsdt: TestMachine.Table("XSDT", [.. BitConverter.GetBytes(TableAddress), 1, 2, 3]));
        Assert.Equal(AcpiStatus.Success, Open(out RootTables<ImageMemory> tables, out List<ProblemKind> problems));
        Assert.Equal(1, tables.Count);
        Assert.Equal([ProblemKind.RootLengthUneven], problems);
    }

    [Fact]
    public void Open_ThousandsOfEntries_LooksAtALimitedNumber()
    {
        AddTables(xsdt: Xsdt([.. Enumerable.Repeat(TableAddress, 5000)]));
        Assert.Equal(AcpiStatus.Success, Open(out RootTables<ImageMemory> tables, out List<ProblemKind> problems));
        Assert.Equal(RootTables<ImageMemory>.MaximumCount, tables.Count);
        Assert.Contains(ProblemKind.TooManyTables, problems);
    }

    [Fact]
    public void Open_NoRsdp_SaysSo()
    {
        Assert.Equal(AcpiStatus.NoRsdp, Open(out _, out List<ProblemKind> problems));
        Assert.Equal([ProblemKind.RsdpUnreadable], problems);
        _memory.TryAdd(RsdpAddress, new byte[64]);
        Assert.Equal(AcpiStatus.NoRsdp, Open(out _, out problems));
        Assert.Equal([ProblemKind.RsdpSignatureWrong], problems);
    }

    [Fact]
    public void Open_NeitherRootTable_SaysSo()
    {
        _memory.TryAdd(RsdpAddress, Pointer(2, 0, 0));
        Assert.Equal(AcpiStatus.NoRootTable, Open(out _, out List<ProblemKind> problems));
        Assert.Equal([ProblemKind.RootTableMissing], problems);
    }

    [Fact]
    public void ProblemList_MoreThanFits_CountsTheRest()
    {
        AddTables(xsdt: Xsdt(0, 0, 0, 0, 0));
        ProblemList problems = new(new Problem[3]);
        RootTables<ImageMemory>.Open(_memory, RsdpAddress, problems, out _);
        Assert.Equal(2, problems.Count);
        Assert.Equal(3, problems.Dropped);
    }
}

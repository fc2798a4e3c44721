using System;
using System.Collections.Generic;
using Switcher.Acpi;
using Switcher.Ctl.Tables;
using Xunit;

namespace Switcher.Tests.Acpi;

/// <summary>The FACS and the tables that are a header and a list.</summary>
public sealed class SmallTablesTests
{
    [Theory]
    [InlineData(64, 0ul, 64)]
    [InlineData(24, 0ul, 24)] // ends behind the flags
    [InlineData(0x1000, 0ul, 64)] // more than the structure has
    [InlineData(64, 4ul, 64)]
    public void Facs_LengthAndAlignment_AreCheckedAndTolerated(uint length, ulong offset, int mapped)
    {
        byte[] facs = TestMachine.NewFacs();
        TestMachine.Set32(facs, Facs.LengthOffset, length);
        TestMachine.Set32(facs, Facs.FirmwareWakingVectorOffset, 0x981F0);
        TestMachine.Set64(facs, Facs.XFirmwareWakingVectorOffset, 0x12345678);
        ImageMemory memory = ImageMemory.Create();
        memory.TryAdd(0x1000 + offset, facs);
        ProblemList problems = new(new Problem[10]);
        ReadOnlySpan<byte> bytes = Facs.Map(memory, 0x1000 + offset, problems);
        Assert.Equal(mapped, bytes.Length);
        Assert.Equal(0x981F0u, new Facs(bytes).FirmwareWakingVector);
        Assert.Equal(mapped == 64 ? 0x12345678ul : 0, new Facs(bytes).XFirmwareWakingVector);
        Assert.Equal(length == 64 && offset == 0 ? 0 : 1, problems.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    public void Facs_TooShortForAVector_IsNotUsed(uint length)
    {
        byte[] facs = TestMachine.NewFacs();
        TestMachine.Set32(facs, Facs.LengthOffset, length);
        ImageMemory memory = ImageMemory.Create();
        memory.TryAdd(0x1000, facs);
        Assert.True(Facs.Map(memory, 0x1000, default).IsEmpty);
    }

    [Fact]
    public void Madt_Entries_GiveIoApics()
    {
        byte[] table = TestMachine.Table("APIC",
        [
            0, 0, 0xE0, 0xFE, 1, 0, 0, 0,
            0, 8, 1, 0, 1, 0, 0, 0, // CPU with APIC 0
            9, 16, 0, 0, 0x23, 1, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, // x2APIC 0x123, may come online
            1, 12, 2, 0, 0, 0, 0xC0, 0xFE, 24, 0, 0, 0, // I/O APIC 2 with interrupts from 24
            0x7F, 3, 0, // unknown
        ]);
        List<uint> ioApics = [];
        ProblemList problems = new(new Problem[4]);
        int count = 0;
        for (int offset = 0; TableRecords.TryNext(table, ref offset, problems, out ReadOnlySpan<byte> record); count++)
        {
            if (new MadtEntry(record).TryGetIoApic(out uint address))
                ioApics.Add(address);
        }
        Assert.Equal(4, count);
        Assert.Equal([0xFEC00000u], ioApics);
        Assert.Equal(0, problems.Count);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0 })] // no length
    [InlineData(new byte[] { 0, 7, 1, 0, 1, 0, 0 })] // shorter than its type
    [InlineData(new byte[] { 0, 200, 1, 0, 1, 0, 0, 0 })] // longer than the table
    [InlineData(new byte[] { 0 })]
    public void Madt_EntryWithAnImpossibleLength_EndsTheListAndIsReported(byte[] entry)
    {
        byte[] table = TestMachine.Table("APIC", [0, 0, 0xE0, 0xFE, 1, 0, 0, 0, .. entry]);
        ProblemList problems = new(new Problem[4]);
        int offset = 0;
        Assert.False(TableRecords.TryNext(table, ref offset, problems, out _));
        Assert.Equal(ProblemKind.RecordLengthWrong, problems[0].Kind);
    }

    [Theory]
    [InlineData("DMAR")]
    [InlineData("IVRS")]
    public void RemappingTable_Records_EndWhereALengthIsImpossible(string signature)
    {
        byte[] table = TestMachine.Table(signature,
        [
            38, 1, .. new byte[10],
            0, 0, 16, 0, 1, 0, 0, 0, 0, 0x10, 0xD9, 0xFE, 0, 0, 0, 0,
            1, 0, 24, 0, 0, 0, 2, 0, 0, 0, 0, 0x7B, 0, 0, 0, 0, 0xFF, 0xFF, 0x7F, 0x7F, 0, 0, 0, 0,
            0, 0, 3, 0,
        ]);
        ProblemList problems = new(new Problem[4]);
        List<int> lengths = [];
        for (int offset = 0; TableRecords.TryNext(table, ref offset, problems, out ReadOnlySpan<byte> record);)
            lengths.Add(record.Length);
        Assert.Equal([16, 24], lengths);
        Assert.Equal((ProblemKind.RecordLengthWrong, 88ul, 3ul), (problems[0].Kind, problems[0].Address, problems[0].Found));
    }

    [Fact]
    public void Hpet_TooShortOrElsewhere_HasNoAddress()
    {
        byte[] hpet = TestMachine.Table("HPET", new byte[20]);
        TestMachine.SetGas(hpet, 40, AddressSpace.SystemMemory, 64, 0xFED00000);
        Assert.Equal(0xFED00000ul, new Hpet(hpet).Registers);
        Assert.Equal(0ul, new Hpet(hpet.AsSpan(0, 55)).Registers);
        TestMachine.SetGas(hpet, 40, AddressSpace.SystemIo, 64, 0xFED00000);
        Assert.Equal(0ul, new Hpet(hpet).Registers);
    }
}

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
        Assert.Equal(mapped == 64 ? 2 : 0, new Facs(bytes).Version);
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
    public void Madt_Entries_GiveCpusAndIoApics()
    {
        byte[] table = TestMachine.Table("APIC",
        [
            0, 0, 0xE0, 0xFE, 1, 0, 0, 0,
            0, 8, 1, 0, 1, 0, 0, 0, // CPU with APIC 0
            0, 8, 2, 4, 0, 0, 0, 0, // one that is not there
            9, 16, 0, 0, 0x23, 1, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, // x2APIC 0x123, may come online
            1, 12, 2, 0, 0, 0, 0xC0, 0xFE, 24, 0, 0, 0, // I/O APIC 2 with interrupts from 24
            0x7F, 3, 0, // unknown
        ]);
        Madt madt = new(table);
        Assert.Equal(0xFEE00000u, madt.LocalApicAddress);
        Assert.True(madt.HasLegacyPics);
        List<(uint Id, bool Enabled, bool Capable)> cpus = [];
        List<(byte Id, uint Address, uint Base)> ioApics = [];
        ProblemList problems = new(new Problem[4]);
        int count = 0;
        for (int offset = 0; madt.TryNext(ref offset, problems, out MadtEntry entry); count++)
        {
            if (entry.TryGetProcessor(out uint apicId, out bool enabled, out bool capable))
                cpus.Add((apicId, enabled, capable));
            if (entry.TryGetIoApic(out byte id, out uint address, out uint interrupts))
                ioApics.Add((id, address, interrupts));
        }
        Assert.Equal(5, count);
        Assert.Equal([(0u, true, false), (4u, false, false), (0x123u, false, true)], cpus);
        Assert.Equal([((byte)2, 0xFEC00000u, 24u)], ioApics);
        Assert.Equal(0, problems.Count);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0 })] // no length
    [InlineData(new byte[] { 0, 7, 1, 0, 1, 0, 0 })] // shorter than its type
    [InlineData(new byte[] { 0, 200, 1, 0, 1, 0, 0, 0 })] // longer than the table
    [InlineData(new byte[] { 0 })]
    public void Madt_EntryWithAnImpossibleLength_EndsTheListAndIsReported(byte[] entry)
    {
        Madt madt = new(TestMachine.Table("APIC", [0, 0, 0xE0, 0xFE, 1, 0, 0, 0, .. entry]));
        ProblemList problems = new(new Problem[4]);
        int offset = 0;
        Assert.False(madt.TryNext(ref offset, problems, out _));
        Assert.Equal(ProblemKind.RecordLengthWrong, problems[0].Kind);
    }

    [Fact]
    public void Dmar_Structures_GiveUnitsAndReservedMemory()
    {
        Dmar dmar = new(TestMachine.Table("DMAR",
        [
            38, 1, .. new byte[10],
            0, 0, 16, 0, 1, 0, 0, 0, 0, 0x10, 0xD9, 0xFE, 0, 0, 0, 0,
            1, 0, 24, 0, 0, 0, 2, 0, 0, 0, 0, 0x7B, 0, 0, 0, 0, 0xFF, 0xFF, 0x7F, 0x7F, 0, 0, 0, 0,
            0, 0, 3, 0,
        ]));
        Assert.Equal(39, dmar.HostAddressWidth);
        ProblemList problems = new(new Problem[4]);
        int offset = 0;
        Assert.True(dmar.TryNext(ref offset, problems, out DmarStructure structure));
        Assert.True(structure.TryGetUnit(out ulong registers, out ushort segment, out bool includesAll));
        Assert.Equal((0xFED91000ul, (ushort)0, true), (registers, segment, includesAll));
        Assert.True(dmar.TryNext(ref offset, problems, out structure));
        Assert.False(structure.TryGetUnit(out _, out _, out _));
        Assert.True(structure.TryGetReservedMemory(out ulong start, out ulong limit, out segment));
        Assert.Equal((0x7B000000ul, 0x7F7FFFFFul, (ushort)2), (start, limit, segment));
        Assert.False(dmar.TryNext(ref offset, problems, out _));
        Assert.Equal(ProblemKind.RecordLengthWrong, problems[0].Kind);
    }

    [Fact]
    public void Ivrs_Blocks_GiveUnitsAndMemory()
    {
        Ivrs ivrs = new(TestMachine.Table("IVRS",
        [
            0x41, 0x30, 0x20, 0, .. new byte[8],
            0x10, 0, 24, 0, 2, 0, 0x40, 0, 0, 0, 0xD8, 0xFE, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0,
            0x20, 8, 32, 0, .. new byte[12], 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0,
            0x10, 0, 0xFF, 0xFF,
        ]));
        Assert.Equal(0x203041u, ivrs.IvInfo);
        ProblemList problems = new(new Problem[4]);
        int offset = 0;
        Assert.True(ivrs.TryNext(ref offset, problems, out IvrsBlock block));
        Assert.True(block.TryGetUnit(out ulong registers, out ushort device, out ushort segment));
        Assert.Equal((0xFED80000ul, (ushort)2, (ushort)3), (registers, device, segment));
        Assert.True(ivrs.TryNext(ref offset, problems, out block));
        Assert.True(block.TryGetMemory(out ulong start, out ulong length));
        Assert.Equal((0x80000000ul, 0x10000ul), (start, length));
        Assert.False(ivrs.TryNext(ref offset, problems, out _));
        Assert.Equal(1, problems.Count);
    }

    [Fact]
    public void Hpet_TooShort_HasNoAddress()
    {
        byte[] hpet = TestMachine.Table("HPET", new byte[20]);
        TestMachine.SetGas(hpet, 40, AddressSpace.SystemMemory, 64, 0xFED00000);
        Assert.Equal(0xFED00000ul, new Hpet(hpet).BaseAddress.Address);
        Assert.False(new Hpet(hpet.AsSpan(0, 55)).BaseAddress.IsPresent);
    }
}

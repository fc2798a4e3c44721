using System;
using System.Collections.Generic;
using Switcher.Acpi;
using Switcher.Ctl.Tables;
using Xunit;

namespace Switcher.Tests.Acpi;

public sealed class FadtTests
{
    [Theory]
    [InlineData(116, 1)]
    [InlineData(132, 2)]
    [InlineData(244, 3)]
    [InlineData(268, 5)]
    [InlineData(276, 6)]
    public void Fadt_EveryLength_GivesTheLegacyFields(int length, byte revision)
    {
        Fadt fadt = new(TestMachine.NewFadt(length, revision));
        Assert.Equal(0x404ul, fadt.Pm1aCntBlk.Address);
        Assert.Equal(AddressSpace.SystemIo, fadt.Pm1aCntBlk.Space);
        Assert.Equal(16, fadt.Pm1aCntBlk.BitWidth);
        Assert.False(fadt.Pm1bCntBlk.IsPresent);
        Assert.Equal(TestMachine.FacsAddress, fadt.FacsAddress);
        Assert.Equal(TestMachine.DsdtAddress, fadt.DsdtAddress);
        Assert.Equal(9, fadt.SciInt);
        Assert.False(fadt.ResetReg.IsPresent);
        Assert.False(fadt.SleepControlReg.IsPresent);
    }

    [Fact]
    public void Block_SixtyFourBitFieldNotZero_Counts()
    {
        byte[] table = TestMachine.NewFadt(276, 6);
        TestMachine.SetGas(table, 172, AddressSpace.SystemMemory, 16, 0xFED80804);
        TestMachine.Set64(table, Fadt.XDsdtOffset, 0x1_2345_6000);
        TestMachine.Set64(table, Fadt.XFirmwareCtrlOffset, 0x1_2345_7000);
        Fadt fadt = new(table);
        Assert.Equal(AddressSpace.SystemMemory, fadt.Pm1aCntBlk.Space);
        Assert.Equal(0xFED80804ul, fadt.Pm1aCntBlk.Address);
        Assert.Equal(0x1_2345_6000ul, fadt.DsdtAddress);
        Assert.Equal(0x1_2345_7000ul, fadt.FacsAddress);
        Assert.False(new SleepHardware(fadt).ArePorts);
    }

    [Fact]
    public void Block_SixtyFourBitFieldOfAnotherSpaceButZero_DoesNotCount()
    {
        byte[] table = TestMachine.NewFadt(244, 3);
        TestMachine.SetGas(table, 172, AddressSpace.SystemMemory, 0, 0);
        Assert.Equal(AddressSpace.SystemIo, new Fadt(table).Pm1aCntBlk.Space);
    }

    [Fact]
    public void Block_BeyondTheTablesEnd_IsNotRead()
    {
        byte[] table = TestMachine.NewFadt(180, 3); // ends in the middle of X_PM1a_CNT_BLK
        Assert.Equal(0x404ul, new Fadt(table).Pm1aCntBlk.Address);
    }

    [Theory]
    [InlineData(true, 2, 129, true)]
    [InlineData(false, 2, 129, false)] // RESET_REG_SUP is not set
    [InlineData(true, 1, 129, false)] // Linux does not use it before revision 2
    [InlineData(true, 2, 128, false)] // ends before the value
    public void ResetReg_PresentOnlyWhereOffered(bool offered, byte revision, int length, bool expected)
    {
        byte[] table = TestMachine.NewFadt(length, revision);
        TestMachine.Set32(table, Fadt.FlagsOffset, offered ? (uint)FadtFlags.ResetRegSup : 0);
        TestMachine.SetGas(table, 116, AddressSpace.SystemIo, 8, 0xCF9);
        if (length > 128)
            table[128] = 6;
        Fadt fadt = new(table);
        Assert.Equal(expected, fadt.ResetReg.IsPresent);
        Assert.Equal(length > 128 ? 6 : 0, fadt.ResetValue);
    }

    [Fact]
    public void Hardware_OfAHardwareReducedMachine_HasNoPm1WhateverTheFieldsSay()
    {
        byte[] table = TestMachine.NewFadt(276, 6);
        TestMachine.Set32(table, Fadt.FlagsOffset, (uint)FadtFlags.HwReducedAcpi);
        SleepHardware hardware = new(new Fadt(table));
        Assert.False(hardware.Pm1aCnt.IsPresent);
        Assert.False(hardware.Pm1aEvt.IsPresent);
    }

    [Fact]
    public void Hardware_PortBeyondTheLast_IsNone()
    {
        byte[] table = TestMachine.NewFadt(244, 3);
        TestMachine.Set32(table, 64, 0x12345);
        Assert.False(new SleepHardware(new Fadt(table)).ArePorts);
    }

    [Theory]
    [InlineData(5, 5, 0, true)]
    [InlineData(5, 7, 0, false)]
    [InlineData(0, 0, 0x460, false)] // PM1b tells them apart
    [InlineData(0, 0, 0, true)]
    public void AreSame_S3AndS5_OnTheRegistersThatAreThere(byte s3, byte s5, uint pm1b, bool expected)
    {
        TestMachine machine = new TestMachine().WithDsdt(
            Aml.Name("_S3_", Aml.Package(Aml.Byte(s3), Aml.Byte(5))),
            Aml.Name("_S5_", Aml.Package(Aml.Byte(s5), Aml.Byte(7))));
        TestMachine.Set32(machine.Fadt, 68, pm1b);
        SleepTypes sleep = machine.ReadSleep();
        Assert.Equal(expected, new SleepHardware(new Fadt(machine.Fadt)).AreSame(sleep.S3, sleep.S5));
    }

    [Fact]
    public void Find_SeveralFadts_TakesTheLastAndReportsIt()
    {
        byte[] second = TestMachine.NewFadt(244, 3);
        TestMachine.Set32(second, 64, 0x1004);
        Checksum.Set(second, Sdt.ChecksumOffset);
        Check(new TestMachine().With(second), out List<ProblemKind> problems, out Fadt fadt);
        Assert.Equal(0x1004ul, fadt.Pm1aCntBlk.Address);
        Assert.Contains(ProblemKind.FadtSeveral, problems);
    }

    [Fact]
    public void Check_SaneMachine_FindsNothing()
    {
        Check(new TestMachine(), out List<ProblemKind> problems, out _);
        Assert.Empty(problems);
    }

    public static TheoryData<Action<byte[]>, ProblemKind> Faults => new()
    {
        { fadt => fadt[8] = 5, ProblemKind.FadtLengthUnexpected },
        { fadt => TestMachine.SetGas(fadt, 172, AddressSpace.SystemIo, 16, 0x1804), ProblemKind.FadtAddressesDiffer },
        { fadt => TestMachine.SetGas(fadt, 172, AddressSpace.SystemIo, 32, 0x404), ProblemKind.FadtRegisterLengthWrong },
        { fadt => TestMachine.SetGas(fadt, 172, AddressSpace.EmbeddedController, 16, 0x404), ProblemKind.FadtRegisterSpaceUnknown },
        { fadt => fadt[92] = 0, ProblemKind.FadtBlockHalfGiven },
        { fadt => TestMachine.Set32(fadt, 56, 0), ProblemKind.Pm1EventMissing },
        { fadt => TestMachine.Set32(fadt, 64, 0), ProblemKind.Pm1ControlMissing },
        { fadt => TestMachine.Set32(fadt, 112, (uint)FadtFlags.HwReducedAcpi), ProblemKind.SleepRegistersMissing },
        { fadt => TestMachine.Set32(fadt, 112, (uint)FadtFlags.ResetRegSup), ProblemKind.ResetRegisterUnusable },
        { fadt => TestMachine.Set32(fadt, 36, 0), ProblemKind.FacsMissing },
        { fadt => TestMachine.Set32(fadt, 36, 0x123400), ProblemKind.FacsUnusable },
        { fadt => TestMachine.Set32(fadt, 36, (uint)TestMachine.DsdtAddress), ProblemKind.SignatureUnexpected },
        { fadt => TestMachine.Set64(fadt, 132, TestMachine.FacsAddress + 0x1000), ProblemKind.FacsAddressesDiffer },
        { fadt => TestMachine.Set64(fadt, 140, TestMachine.DsdtAddress + 0x1000), ProblemKind.DsdtAddressesDiffer },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Check_EveryInconsistency_IsReportedByName(Action<byte[]> breakIt, ProblemKind expected)
    {
        TestMachine machine = new();
        breakIt(machine.Fadt);
        Check(machine, out List<ProblemKind> problems, out _);
        Assert.Contains(expected, problems);
    }

    [Fact]
    public void Check_OverlappingTables_AreReported()
    {
        // A short table placed inside a long one, which the long one's bytes hold.
        byte[] inner = TestMachine.Table("INNR", [1, 2, 3, 4]);
        byte[] outer = TestMachine.Table("OUTR", [.. new byte[28], .. inner, .. new byte[100]]);
        const ulong address = 0x50000000;
        byte[] fadt = TestMachine.NewFadt(276, 6);
        Checksum.Set(fadt, Sdt.ChecksumOffset);
        byte[] xsdt = TestMachine.Table("XSDT",
            [.. BitConverter.GetBytes(0x40000000ul), .. BitConverter.GetBytes(address), .. BitConverter.GetBytes(address + 64)]);
        TableImage image = new(
        [
            new DumpedTable("FACP", 0x40000000, fadt), new DumpedTable("XSDT", 0x41000000, xsdt), new DumpedTable("OUTR", address, outer),
            new DumpedTable("DSDT", 0, TestMachine.Table("DSDT", [])),
        ]);
        ProblemList problems = new(new Problem[20]);
        RootTables<ImageMemory>.Open(image.Memory, image.RsdpAddress, problems, out RootTables<ImageMemory> tables);
        TableCheck.Run(tables, new Fadt(fadt), 0x40000000, problems);
        Assert.Contains(ProblemKind.TablesOverlap, TestMachine.Kinds(problems));
    }

    private static void Check(TestMachine machine, out List<ProblemKind> kinds, out Fadt found)
    {
        TableImage image = machine.Build();
        ProblemList problems = new(new Problem[50]);
        RootTables<ImageMemory>.Open(image.Memory, image.RsdpAddress, problems, out RootTables<ImageMemory> tables);
        Assert.Equal(AcpiStatus.Success, Fadt.Find(tables, problems, out ReadOnlySpan<byte> bytes, out ulong address));
        found = new Fadt(bytes);
        TableCheck.Run(tables, found, address, problems);
        kinds = TestMachine.Kinds(problems);
    }
}

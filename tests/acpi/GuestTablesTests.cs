using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Acpi;
using Switcher.Ctl.Tables;
using Xunit;

namespace Switcher.Tests.Acpi;

public sealed class GuestTablesTests
{
    private const ulong BufferAddress = 0x20000000;

    private static readonly byte[] S3 = Aml.Name("\\_S3_", Aml.Package(Aml.Byte(5), Aml.Byte(5), Aml.Zero, Aml.Zero));
    private static readonly byte[] S5 = Aml.Name("\\_S5_", Aml.Package(Aml.Byte(7), Aml.Byte(7), Aml.Zero, Aml.Zero));

    [Theory]
    [MemberData(nameof(Dumps.All), MemberType = typeof(Dumps))]
    public void View_OfARealMachine_IsSelfContainedAndRight(string name)
    {
        TableImage image = new(Dumps.Read(name));
        Written written = Write(image, copies: true);

        // Read back from the buffer alone: a guest needs nothing else.
        ImageMemory memory = ImageMemory.Create();
        Assert.True(memory.TryAdd(BufferAddress, written.Buffer));
        List<byte[]> before = Listed(image.Memory, image.RsdpAddress, out byte[] oldFadt, out _);
        List<byte[]> after = Listed(memory, written.View.RsdpAddress, out byte[] newFadt, out List<ProblemKind> problems);
        Assert.DoesNotContain(ProblemKind.RsdpChecksumWrong, problems);
        Assert.DoesNotContain(ProblemKind.RsdpExtendedChecksumWrong, problems);
        Assert.DoesNotContain(ProblemKind.TableUnreadable, problems);

        // Everything in the same order, only the FADT changed and perhaps a block added at the end.
        Assert.Equal(before.Count + (written.View.HasSleepSsdt ? 1 : 0), after.Count);
        for (int i = 0; i < before.Count; i++)
        {
            if (before[i].SequenceEqual(oldFadt))
                Assert.Equal(newFadt, after[i]);
            else
                Assert.Equal(before[i], after[i]);
        }
        Assert.Equal(0, Checksum.Sum(newFadt));
        IsUnchangedOutside(oldFadt, newFadt, [9..10, 36..44, 112..116, 132..148]);
        Fadt fadt = new(newFadt);
        Assert.Equal(new Fadt(oldFadt).IsHardwareReduced && new Fadt(oldFadt).IsLowPowerS0, fadt.IsLowPowerS0);
        Assert.Equal(written.View.FacsAddress, fadt.FacsAddress);
        Assert.Equal(
            new Fadt(oldFadt).MapDsdt(image.Memory, default).ToArray(),
            fadt.MapDsdt(memory, default).ToArray());
        ReadOnlySpan<byte> facs = Facs.Map(memory, fadt.FacsAddress, default);
        Assert.Equal(64, facs.Length);
        Assert.Equal(0u, new Facs(facs).FirmwareWakingVector);
    }

    [Theory]
    [MemberData(nameof(Dumps.All), MemberType = typeof(Dumps))]
    public void View_WithoutCopies_RefersToTheOriginals(string name)
    {
        TableImage image = new(Dumps.Read(name));
        Written written = Write(image, copies: false);
        Assert.True(image.Memory.TryAdd(BufferAddress, written.Buffer));
        List<byte[]> before = Listed(image.Memory, image.RsdpAddress, out byte[] oldFadt, out _);
        List<byte[]> after = Listed(image.Memory, written.View.RsdpAddress, out byte[] newFadt, out _);
        Assert.Equal(before.Count + (written.View.HasSleepSsdt ? 1 : 0), after.Count);
        Assert.Equal(new Fadt(oldFadt).DsdtAddress, new Fadt(newFadt).DsdtAddress);
        Assert.True(written.Buffer.Length < 4096);
    }

    [Fact]
    public void View_OfAMachineWithoutS3_AddsOneThatTheLibraryFinds()
    {
        Written written = Write(new TestMachine().WithDsdt(S5).Build(), copies: true);
        SleepTypes sleep = ReadSleep(written);
        Assert.Equal(SleepStateSource.Present, sleep.S3.Source);
        Assert.Equal(written.Sleep.SynthesizedSlpTyp, sleep.S3.SlpTypA);
        Assert.Equal(written.Sleep.SynthesizedSlpTyp, sleep.S3.SlpTypB);
        Assert.NotEqual(sleep.S5.SlpTypA, sleep.S3.SlpTypA);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void View_OfAMachineWithS3InAnUndecidedIf_DefinesItEitherWay(bool isOn)
    {
        // If (FLAG) { Name (\_S3, ...) }, where FLAG is in memory that only the guest can read.
        byte[] region = Aml.OperationRegion("GNVS", 0, Aml.DWord(0x30000000 + 36), Aml.Byte(1));
        TestMachine machine = new TestMachine().WithDsdt(region, Aml.Field("GNVS", ("FLAG", 8)), Aml.If(Aml.Path("FLAG"), S3), S5);
        Written written = Write(machine.Build(), copies: true);
        Assert.True(written.View.HasSleepSsdt);

        ImageMemory memory = ImageMemory.Create();
        memory.TryAdd(BufferAddress, written.Buffer);
        memory.TryAdd(0x30000000, TestMachine.Table("GNVS", [(byte)(isOn ? 1 : 0)]));
        SleepTypes sleep = ReadSleep(memory, written.View.RsdpAddress, out List<ProblemKind> problems);
        Assert.Equal(SleepStateSource.Present, sleep.S3.Source);
        Assert.Equal(5, sleep.S3.SlpTypA);
        Assert.Empty(problems);
    }

    [Fact]
    public void View_WithTablesWithheld_LacksThemAndNothingElse()
    {
        TableImage image = new TestMachine().WithDsdt(S3, S5)
            .With(TestMachine.Table("DMAR", new byte[20])).With(TestMachine.Table("WAET", new byte[4]))
            .With(TestMachine.Table("BGRT", new byte[20]))
            .Build();
        Written written = Write(image, copies: true, Signature.Dmar, Signature.Ivrs, Signature.Bgrt);
        ImageMemory memory = ImageMemory.Create();
        memory.TryAdd(BufferAddress, written.Buffer);
        IEnumerable<Signature> signatures = Listed(memory, written.View.RsdpAddress, out _, out _).Select(table => new Signature(table));
        Assert.Equal([Signature.Fadt, new Signature("WAET"u8)], signatures);
    }

    [Fact]
    public void View_OfAnAcpi1Machine_StaysAcpi1()
    {
        TestMachine machine = new TestMachine { Fadt = TestMachine.NewFadt(116, 1) }.WithDsdt(S3, S5);
        machine.With([.. "RSD PTR "u8, 0, .. "TESTED"u8, 0, 0, 0, 0, 0]);
        TableImage image = machine.Build();
        Written written = Write(image, copies: true);
        Assert.Equal(20, written.View.RsdpLength);
        ImageMemory memory = ImageMemory.Create();
        memory.TryAdd(BufferAddress, written.Buffer);
        RootTables<ImageMemory>.Open(memory, written.View.RsdpAddress, default, out RootTables<ImageMemory> tables);
        Assert.Equal(Signature.Rsdt, tables.Root.Signature);
        Fadt.Find(tables, default, out ReadOnlySpan<byte> fadt, out _);
        Assert.Equal(116, fadt.Length);
        Assert.Equal(written.View.FacsAddress, new Fadt(fadt).FirmwareCtrl);
        Assert.Equal(AcpiStatus.BufferAbove4GiB, TryWrite(image, new byte[65536], 0x1_0000_0000));
    }

    [Fact]
    public void View_Above4GiB_UsesTheSixtyFourBitFieldsAlone()
    {
        TableImage image = new TestMachine().WithDsdt(S3, S5).Build();
        byte[] buffer = new byte[65536];
        Assert.Equal(AcpiStatus.Success, TryWrite(image, buffer, 0x1_0000_0000));
        ImageMemory memory = ImageMemory.Create();
        memory.TryAdd(0x1_0000_0000, buffer);
        RootTables<ImageMemory>.Open(memory, 0x1_0000_0000, default, out RootTables<ImageMemory> tables);
        Assert.Equal(0u, tables.Rsdp.RsdtAddress);
        Fadt.Find(tables, default, out ReadOnlySpan<byte> bytes, out _);
        Fadt fadt = new(bytes);
        Assert.Equal(0u, fadt.FirmwareCtrl);
        Assert.True(fadt.XFirmwareCtrl > uint.MaxValue);
        Assert.True(fadt.DsdtAddress > uint.MaxValue);
    }

    [Fact]
    public void View_OfAMachineWithTwoFacs_HasOneInBothFields()
    {
        TestMachine machine = new();
        TestMachine.Set64(machine.Fadt, Fadt.XFirmwareCtrlOffset, 0x7D000000);
        machine.WithDsdt(S3, S5).With(TestMachine.NewFacs(), 0x7D000000);
        Written written = Write(machine.Build(), copies: false);
        Fadt fadt = new(written.Fadt);
        Assert.Equal(written.View.FacsAddress, fadt.FirmwareCtrl);
        Assert.Equal(written.View.FacsAddress, fadt.XFirmwareCtrl);
    }

    [Fact]
    public void View_OfAMachineWithoutFacs_GetsOne()
    {
        TestMachine machine = new();
        TestMachine.Set32(machine.Fadt, Fadt.FirmwareCtrlOffset, 0);
        Written written = Write(machine.WithDsdt(S3, S5).Build(), copies: false);
        Assert.Equal(written.View.FacsAddress, new Fadt(written.Fadt).FacsAddress);
        Assert.Equal("FACS"u8.ToArray(), written.Buffer[(int)(written.View.FacsAddress - BufferAddress)..][..4]);
    }

    [Fact]
    public void View_OfAHardwareReducedMachine_IsLeftAlone()
    {
        TestMachine machine = new();
        TestMachine.Set32(machine.Fadt, Fadt.FlagsOffset, (uint)(FadtFlags.HwReducedAcpi | FadtFlags.LowPowerS0IdleCapable));
        Written written = Write(machine.WithDsdt(S5).Build(), copies: false);
        Assert.False(written.View.HasSleepSsdt);
        Assert.Equal(FadtFlags.HwReducedAcpi | FadtFlags.LowPowerS0IdleCapable, new Fadt(written.Fadt).Flags);
    }

    [Fact]
    public void Write_WithABadBuffer_SaysWhatIsWrong()
    {
        TableImage image = new TestMachine().WithDsdt(S3, S5).Build();
        Assert.Equal(AcpiStatus.BufferMisaligned, TryWrite(image, new byte[65536], BufferAddress + 16));
        Assert.Equal(AcpiStatus.BufferTooSmall, TryWrite(image, new byte[100], BufferAddress));
    }

    private sealed record Written(byte[] Buffer, GuestView View, SleepTypes Sleep, byte[] Fadt);

    private static Written Write(TableImage image, bool copies, params Signature[] withheld)
    {
        RootTables<ImageMemory>.Open(image.Memory, image.RsdpAddress, default, out RootTables<ImageMemory> tables);
        Assert.Equal(AcpiStatus.Success, Fadt.Find(tables, default, out ReadOnlySpan<byte> fadt, out _));
        SleepTypes sleep = SleepTypes.Read(tables, new Fadt(fadt).MapDsdt(image.Memory, default), default);
        GuestTablesOptions options = new() { CopyTables = copies, Withheld = withheld };
        byte[] buffer = new byte[GuestTables.Measure(tables, sleep, options)];
        Assert.Equal(AcpiStatus.Success, GuestTables.Write(tables, sleep, options, buffer, BufferAddress, out GuestView view));
        Assert.Equal(buffer.Length, view.Length);
        Assert.Equal(0u, view.FacsAddress % 64);
        ImageMemory memory = ImageMemory.Create();
        memory.TryAdd(BufferAddress, buffer);
        RootTables<ImageMemory>.Open(memory, view.RsdpAddress, default, out RootTables<ImageMemory> guest);
        Fadt.Find(guest, default, out ReadOnlySpan<byte> guestFadt, out _);
        return new Written(buffer, view, sleep, guestFadt.ToArray());
    }

    private static AcpiStatus TryWrite(TableImage image, byte[] buffer, ulong address)
    {
        RootTables<ImageMemory>.Open(image.Memory, image.RsdpAddress, default, out RootTables<ImageMemory> tables);
        GuestTablesOptions options = new() { CopyTables = true };
        return GuestTables.Write(tables, default, options, buffer, address, out _);
    }

    /// <summary>The usable entries of a root table.</summary>
    private static List<byte[]> Listed(ImageMemory memory, ulong rsdp, out byte[] fadt, out List<ProblemKind> kinds)
    {
        Problem[] storage = new Problem[100];
        ProblemList problems = new(storage);
        Assert.Equal(AcpiStatus.Success, RootTables<ImageMemory>.Open(memory, rsdp, problems, out RootTables<ImageMemory> tables));
        kinds = TestMachine.Kinds(problems);
        List<byte[]> listed = [];
        for (int i = 0; i < tables.Count; i++)
        {
            if (!tables.TableAt(i).IsEmpty)
                listed.Add(tables.TableAt(i).ToArray());
        }
        Fadt.Find(tables, default, out ReadOnlySpan<byte> found, out _);
        fadt = found.ToArray();
        return listed;
    }

    private static void IsUnchangedOutside(byte[] before, byte[] after, Range[] changes)
    {
        Assert.Equal(before.Length, after.Length);
        for (int i = 0; i < before.Length; i++)
        {
            if (!changes.Any(range => i >= range.Start.Value && i < range.End.Value))
                Assert.Equal(before[i], after[i]);
        }
        Assert.Equal(
            BitConverter.ToUInt32(before, Fadt.FlagsOffset) & ~(uint)FadtFlags.LowPowerS0IdleCapable,
            BitConverter.ToUInt32(after, Fadt.FlagsOffset) & ~(uint)FadtFlags.LowPowerS0IdleCapable);
    }

    private static SleepTypes ReadSleep(Written written)
    {
        ImageMemory memory = ImageMemory.Create();
        memory.TryAdd(BufferAddress, written.Buffer);
        return ReadSleep(memory, written.View.RsdpAddress, out _);
    }

    private static SleepTypes ReadSleep(ImageMemory memory, ulong rsdp, out List<ProblemKind> kinds)
    {
        Problem[] storage = new Problem[20];
        ProblemList problems = new(storage);
        RootTables<ImageMemory>.Open(memory, rsdp, problems, out RootTables<ImageMemory> tables);
        Fadt.Find(tables, problems, out ReadOnlySpan<byte> fadt, out _);
        SleepTypes sleep = SleepTypes.Read(tables, new Fadt(fadt).MapDsdt(memory, problems), problems);
        kinds = TestMachine.Kinds(problems);
        return sleep;
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Switcher.Acpi;
using Switcher.Boot.Verdict;
using Switcher.Ctl.Check;
using Switcher.Ctl.Tables;
using Switcher.Efi.Cpu;
using Switcher.Efi.Firmware;
using Switcher.Efi.Steps;
using Switcher.Hv.Devices;
using Switcher.Tests.Acpi;
using Switcher.Tests.Ctl;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>The step "acpi" on machines of every kind: what it refuses, what it tells the hypervisor, what each guest sees.</summary>
public unsafe class AcpiTablesTests
{
    private const int Guests = 3;

    /// <summary>The boot's own step refuses in the words of the one verdict, and for nothing else.</summary>
    [Theory]
    [MemberData(nameof(JudgedMachines.Kinds), MemberType = typeof(JudgedMachines))]
    public void Read_EveryKindOfMachine_IsRefusedInTheVerdictsWords(string kind, Verdict expected, string reason)
    {
        TableImage image = JudgedMachines.Make(kind).Build();
        TestBoot boot = new TestBoot(Guests).With(image);
        Assert.Equal(expected == Verdict.Ok, AcpiTables.Read(boot.Context));
        Compare(boot, image);
        if (reason.Length != 0)
            Assert.Contains(reason, boot.Refusal);
        Assert.Equal(expected == Verdict.Ok, DebugPort.Lines.Exists(line => line.StartsWith("STEP acpi", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(JudgedMachines.EntriesWithoutFadt), MemberType = typeof(JudgedMachines))]
    public void Read_XsdtWithoutFadt_UsesTheRsdtAndSaysSo(ulong[] entries)
    {
        TableImage image = JudgedMachines.MakeWithRsdt(entries);
        TestBoot boot = new TestBoot(Guests).With(image);
        Assert.True(AcpiTables.Read(boot.Context), boot.Refusal);
        Compare(boot, image);
        Assert.Contains("INFO machine note=\"the XSDT leads to no FADT, so the RSDT is used\"", DebugPort.Lines);
        PowerManagement power = boot.Context->Plan.Power;
        Assert.Equal((true, 5, true, 7), (power.S3.IsPresent, power.S3.A, power.S5.IsPresent, power.S5.A));
    }

    [Fact]
    public void Read_WithoutTables_IsRefused()
    {
        var boot = new TestBoot(Guests);
        Assert.False(AcpiTables.Read(boot.Context));
        Assert.Equal("the firmware has no ACPI tables", boot.Refusal);
    }

    /// <summary>The real desktop whose types differ in PM1b alone.</summary>
    [Fact]
    public void Read_TypesInPm1bOnly_AreBothTold()
    {
        TestBoot boot = new TestBoot(Guests).With(JudgedMachines.Make("types in PM1b only").Build());
        Assert.True(AcpiTables.Read(boot.Context), boot.Refusal);
        PowerManagement power = boot.Context->Plan.Power;
        Assert.Equal((0x404, 0x460), (power.Pm1aControl, power.Pm1bControl));
        foreach ((SleepType type, int b) in new[] { (power.S3, 5), (power.S4, 6), (power.S5, 7) })
            Assert.Equal((true, 0, b), (type.IsPresent, type.A, type.B));
        Assert.False(power.S1.IsPresent);
    }

    [Fact]
    public void Read_FixedHardware_IsTold()
    {
        TestMachine machine = JudgedMachines.Make("sane");
        TestMachine.SetGas(machine.Fadt, 116, AddressSpace.SystemIo, 8, 0xCF9);
        TestMachine.Set32(machine.Fadt, Fadt.FlagsOffset, 1 << 10);
        machine.Fadt[128] = 6;
        TestBoot boot = new TestBoot(Guests).With(machine.Build());
        Assert.True(AcpiTables.Read(boot.Context), boot.Refusal);
        PowerManagement power = boot.Context->Plan.Power;
        Assert.Equal((0x400, 0, 4), (power.Pm1aEvent, power.Pm1bEvent, power.Pm1EventLength));
        Assert.Equal((0x404, 0), (power.Pm1aControl, power.Pm1bControl));
        Assert.Equal((0x420, 16, 0, 0), (power.Gpe0, power.Gpe0Length, power.Gpe1, power.Gpe1Length));
        Assert.Equal((0xCF9, 6), (power.ResetPort, power.ResetValue));
        Assert.Equal((5, 5, 7, 7), (power.S3.A, power.S3.B, power.S5.A, power.S5.B));
        Assert.False(power.S4.IsPresent);
    }

    /// <summary>A machine without S3 gets a type of ours, the same in the hypervisor and in every guest's view.</summary>
    [Fact]
    public void Views_OfAMachineWithoutS3_HaveTheTypeThatTheHypervisorKnows()
    {
        TestBoot boot = new TestBoot(Guests).With(JudgedMachines.Make("no S3").Build()).Prepare();
        SleepType known = boot.Context->Plan.Power.S3;
        Assert.True(known.IsPresent);
        Assert.NotEqual(7, known.A);
        Assert.Contains(DebugPort.Lines, line => line.StartsWith("STEP acpi", StringComparison.Ordinal)
            && line.EndsWith("synthesized=s3", StringComparison.Ordinal));
        for (int i = 0; i < Guests; i++)
        {
            Fadt fadt = View(boot, i, out RootTables<AcpiMemory> tables);
            SleepState state = SleepTypes.Read(tables, fadt.MapDsdt(new AcpiMemory(&boot.Context->Firmware), default), default).S3;
            Assert.Equal((true, known.A, known.B), (state.IsOffered, state.SlpTypA, state.SlpTypB));
        }
    }

    /// <summary>Whatever the machine has for a FACS, each guest has its own, in its partition.</summary>
    [Theory]
    [InlineData("sane")]
    [InlineData("no FACS")]
    [InlineData("stray X_FIRMWARE_CTRL")]
    [InlineData("stray X_FIRMWARE_CTRL alone")]
    [InlineData("FACS of zeros")]
    public void Views_OfAMachineWithAnyFacs_HaveOneEach(string kind)
    {
        TestMachine machine = JudgedMachines.Make(kind);
        machine.Facs[8] = 0xAB; // the hardware signature
        TestBoot boot = new TestBoot(Guests).With(machine.Build()).Prepare();
        var seen = new HashSet<ulong>();
        for (int i = 0; i < Guests; i++)
        {
            ulong facs = boot.Guest(i)->Facs;
            Assert.True(seen.Add(facs));
            Assert.True(boot.IsIn(i, facs, Facs.StandardLength));
            Assert.Equal("FACS", Encoding.ASCII.GetString((byte*)facs, 4));
            Assert.Equal(kind is "sane" or "stray X_FIRMWARE_CTRL" ? 0xAB : 0, ((byte*)facs)[8]);
            Assert.Equal(facs, View(boot, i, out _).FacsAddress);
        }
    }

    /// <summary>
    /// What a view changes is in the guest's partition; the rest stays where the firmware has it, in ACPI memory of which a guest gets
    /// copies at the same addresses. What points into the firmware's other memory no guest gets.
    /// </summary>
    [Fact]
    public void Views_OwnTables_LieInTheirPartitions()
    {
        TestMachine machine = JudgedMachines.Make("sane")
            .With(TestMachine.Table("BGRT", new byte[20])).With(TestMachine.Table("WPBT", new byte[16]))
            .With(TestMachine.Table("HPET", new byte[20]));
        TestBoot boot = new TestBoot(Guests).With(machine.Build()).Prepare();
        for (int i = 0; i < Guests; i++)
        {
            Assert.True(boot.IsIn(i, boot.Guest(i)->Rsdp, Rsdp.Length2));
            Fadt fadt = View(boot, i, out RootTables<AcpiMemory> tables);
            Assert.True(boot.IsIn(i, fadt.FacsAddress, Facs.StandardLength));
            Assert.Equal(TestMachine.DsdtAddress, fadt.DsdtAddress);
            string[] names = ["BGRT", "WPBT", "HPET", "FACP"];
            foreach (string name in names)
            {
                bool isThere = tables.TryFind(
                    new Signature(Encoding.ASCII.GetBytes(name)), 0, out ReadOnlySpan<byte> table, out ulong address);
                Assert.Equal(name is not ("BGRT" or "WPBT"), isThere);
                if (isThere)
                    Assert.Equal(name == "FACP", boot.IsIn(i, address, (ulong)table.Length));
            }
        }
    }

    private static Fadt View(TestBoot boot, int guest, out RootTables<AcpiMemory> tables)
    {
        var memory = new AcpiMemory(&boot.Context->Firmware);
        Assert.Equal(AcpiStatus.Success, RootTables<AcpiMemory>.Open(memory, boot.Guest(guest)->Rsdp, default, out tables));
        Assert.Equal(AcpiStatus.Success, Fadt.Find(tables, default, out ReadOnlySpan<byte> fadt, out _));
        return new Fadt(fadt);
    }

    /// <summary>The refusal and the notes in the log are what <see cref="TableVerdict"/> finds in the same tables.</summary>
    private static void Compare(TestBoot boot, TableImage image)
    {
        var found = new List<(Severity Severity, string Sentence)>();
        var findings = new ListedFindings(found);
        TableVerdict.Judge(image.Memory, image.RsdpAddress, default, ref findings, out _);
        Assert.Equal(found.Find(f => f.Severity != Severity.Note).Sentence ?? "", boot.Refusal);
        Assert.Equal(
            found.Where(f => f.Severity == Severity.Note).Select(f => $"INFO machine note=\"{f.Sentence}\""),
            DebugPort.Lines.Where(line => line.StartsWith("INFO machine", StringComparison.Ordinal)));
    }

    private readonly struct ListedFindings(List<(Severity Severity, string Sentence)> found) : IFindings
    {
        public void Add(Severity severity, scoped ReadOnlySpan<byte> sentence) => found.Add((severity, Encoding.ASCII.GetString(sentence)));
    }
}

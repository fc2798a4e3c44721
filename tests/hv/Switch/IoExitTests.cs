using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

public class IoExitTests
{
    /// <summary>SLP_TYP alone, SCI_EN, bus-master bits: the hardware's.</summary>
    [Theory]
    [InlineData(GuestRunner.Pm1Control, 0x1401, 2)]
    [InlineData(GuestRunner.Pm1Control, 0x01, 1)]
    [InlineData(0x64, 0xAE, 1)]
    [InlineData(0x92, 0x02, 1)]
    [InlineData(0xCF9, 0x02, 1)]
    public void Write_ThatStartsNothing_ReachesTheHardware(int port, uint value, int size)
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        ulong rip = machine.Cpus[0].Vmcb.Rip;
        machine.Ports.Writes.Clear();
        machine.Cpus[0].Out(port, value, size);
        Assert.Equal([((ushort)port, value, size)], machine.Ports.Writes);
        Assert.Equal(rip + (size == 2 ? 2u : 1), machine.Cpus[0].Vmcb.Rip);
        Assert.Equal(0, machine.ActiveGuest);
    }

    /// <summary>Only as many bytes as the instruction writes.</summary>
    [Fact]
    public void Write_OneByte_IgnoresTheRestOfRax()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Cpus[0].Out(GuestRunner.Pm1Control, 0xFFFF_3401, 1);
        Assert.Equal(0, machine.ActiveGuest);
    }

    /// <summary>SLP_EN and SLP_TYP share a byte, and a guest may write that one alone.</summary>
    [Fact]
    public void Write_HighByteAlone_SuspendsAsAWordDoes()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.SetVector(GuestRunner.VectorOf(0));
        machine.Cpus[0].Out(GuestRunner.Pm1Control + 1, GuestRunner.SleepS3 >> 8, 1);
        machine.Settle();
        Assert.Equal(DomainPhase.Suspended, machine.Guest(0).Phase);
    }

    /// <summary>
    /// SLP_EN with a type that means nothing here, as a user's override of the DSDT may have it: the hardware might sleep with the
    /// hypervisor in it and lose every session. The system finds WAK_STS set, which is what it waits for (ACPI 6.5, 16.1.3.1), and goes on.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_SleepThatTheTablesDoNotName_IsHeldBackAndReported(bool isLast)
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        if (isLast)
            machine.ShutDown();
        int active = machine.ActiveGuest;
        machine.Ports.Writes.Clear();
        machine.Cpus[0].Out(GuestRunner.Pm1Control, 0x2401, 2);
        Assert.Empty(machine.Ports.Writes);
        Assert.Equal(active, machine.ActiveGuest);
        Assert.Equal(
            $"WARN held back a request for a sleep state that the tables do not name guest={active} port=0x604 value=0x2401",
                machine.Log[^1]);
        Assert.Equal(0x8000u, machine.Cpus[0].In(GuestRunner.Pm1Event, 2) & 0x8000);
        machine.Cpus[0].Out(GuestRunner.Pm1Event, 0x8000, 2);
        Assert.Equal(0u, machine.Cpus[0].In(GuestRunner.Pm1Event, 2) & 0x8000);
    }

    /// <summary>
    /// PM1a's types are all 0; the write to PM1b decides, and a power-off of the last system has to reach the hardware whole and in order.
    /// </summary>
    [Theory]
    [InlineData(5, false, DomainPhase.Suspended)]
    [InlineData(7, false, DomainPhase.Off)]
    [InlineData(7, true, DomainPhase.Active)]
    [InlineData(6, true, DomainPhase.Active)]
    public void Write_TypesThatDifferInPm1bOnly_AreDecidedThere(uint type, bool isLast, DomainPhase phase)
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { HasPm1b = true, HasTypesInPm1bOnly = true }).Launch().BootGuests();
        FakeCpu cpu = machine.Cpus[0];
        if (isLast)
        {
            WriteBoth(cpu, 7);
            machine.Settle();
        }
        int active = machine.ActiveGuest;
        machine.SetVector(GuestRunner.VectorOf(active));
        machine.Ports.Writes.Clear();
        cpu.Out(GuestRunner.Pm1Control, 0x2001, 2);
        Assert.Empty(machine.Ports.Writes);
        Assert.Equal((active, MachineEnd.Running), (machine.ActiveGuest, machine.End));
        cpu.Out(GuestRunner.Pm1bControl, 0x2001 | (type << 10), 2);
        machine.Settle();
        Assert.Equal(isLast ? MachineEnd.PoweredOff : MachineEnd.Running, machine.End);
        Assert.Equal(phase, machine.Guest(active).Phase);
        if (isLast)
            Assert.Equal([(GuestRunner.Pm1Control, 0x2001u, 2), (GuestRunner.Pm1bControl, 0x2001 | (type << 10), 2)], machine.Ports.Writes);
    }

    private static void WriteBoth(FakeCpu cpu, uint type)
    {
        cpu.Out(GuestRunner.Pm1Control, 0x2001, 2);
        cpu.Out(GuestRunner.Pm1bControl, 0x2001 | (type << 10), 2);
    }

    /// <summary>The hardware must never see half of a request.</summary>
    [Fact]
    public void Write_SleepAtPm1bAlone_IsHeldBack()
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { HasPm1b = true }).Launch().BootGuests();
        machine.Ports.Writes.Clear();
        machine.Cpus[0].Out(GuestRunner.Pm1bControl, 0x2001 | (3 << 10), 2);
        machine.Cpus[0].Out(GuestRunner.Pm1bControl, 0x2001 | (2 << 10), 2);
        Assert.Empty(machine.Ports.Writes);
        Assert.Equal(0, machine.ActiveGuest);
    }

    [Theory]
    [InlineData(1, 0x1122_3344_5566_7701)]
    [InlineData(2, 0x1122_3344_5566_1401)]
    [InlineData(4, 0xFFFF_1401)]
    public void Read_OfInterceptedPort_ChangesAsMuchOfRaxAsNatively(int size, ulong expected)
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        (machine.Acpi.Control[0], machine.Acpi.Control[1]) = (0x01, 0x14);
        FakeCpu cpu = machine.Cpus[0];
        cpu.Vmcb.Rax = 0x1122_3344_5566_7788;
        cpu.Exit(SvmExitCode.Io, ((ulong)GuestRunner.Pm1Control << 16) | ((ulong)size << 4) | 1, cpu.Vmcb.Rip + 1, [0xED]);
        Assert.Equal(expected, cpu.Vmcb.Rax);
    }

    /// <summary>Nobody sleeps or resets a machine with a string instruction.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void StringInstruction_AtInterceptedPort_IsSkippedAndLogged(ulong direction)
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        FakeCpu cpu = machine.Cpus[0];
        ulong rip = cpu.Vmcb.Rip;
        machine.Ports.Writes.Clear();
        cpu.Exit(SvmExitCode.Io, (0x64UL << 16) | (1 << 4) | (1 << 3) | (1 << 2) | direction, rip + 2, [0xF3, 0x6E]);
        Assert.Empty(machine.Ports.Writes);
        Assert.Equal(rip + 2, cpu.Vmcb.Rip);
        Assert.Equal("WARN ignored a string instruction at an intercepted port guest=0 port=0x64", machine.Log[^1]);
    }

    /// <summary>Nothing can be lost yet, and the firmware's own reset is what the user asked for.</summary>
    [Fact]
    public void Write_InTheBootPhase_ReachesTheHardware()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        machine.Cpus[0].Out(0xCF9, 0x06, 1);
        Assert.Equal(MachineEnd.Reset, machine.End);
    }

    /// <summary>A doubleword there exits, since port CF9h is inside it, and must not be mistaken for a reset.</summary>
    [Fact]
    public void Write_PciConfigurationAddress_ReachesTheHardware()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Cpus[0].Out(0xCF8, 0x8000_FE04, 4);
        Assert.Equal(0x8000_FE04, machine.Cpus[0].In(0xCF8, 4));
        Assert.Equal(0, machine.ActiveGuest);
    }

    /// <summary>Promise 5.</summary>
    [Fact]
    public void DeviceAccess_InTheRunPhase_DoesNotExit()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        FakeCpu cpu = machine.Cpus[0];
        int exits = 0;
        machine.Entered = _ => exits++;
        cpu.Out(0x70, 0x0B, 1);
        cpu.In(0x71, 1);
        cpu.In(0xCFC, 4);
        cpu.In(GuestRunner.Pm1Event, 4);
        cpu.Out(GuestRunner.Pm1Enable, 0x0120, 2);
        cpu.Write(FakeMachine.HpetBase + 0x10, 3);
        cpu.Write(0xFEC0_0000, 0x10);
        Assert.Equal(0, exits);
    }
}

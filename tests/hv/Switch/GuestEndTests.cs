using System.Linq;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

/// <summary>Promise 7: one guest crashing, rebooting or shutting down never costs another guest its session.</summary>
public class GuestEndTests
{
    public static TheoryData<int, uint, int> Resets => new()
    {
        { 0xCF9, 0x06, 1 },
        { 0xCF9, 0x0E, 1 },
        { 0x64, 0xFE, 1 },
        { 0x92, 0x01, 1 },
        { FakeMachine.ResetPort, FakeMachine.ResetValue, 1 },
        { 0xCF8, 0x0600, 2 },
    };

    [Theory]
    [InlineData(GuestRunner.SleepS5, 2)]
    [InlineData(GuestRunner.SleepS4, 2)]
    [InlineData(GuestRunner.SleepS5, 4)]
    public void ShutDown_WhileAnotherLives_ContinuesThatOne(uint value, int size)
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Cpus[0].Out(GuestRunner.Pm1Control, value, size);
        machine.Settle();
        Assert.Equal(MachineEnd.Running, machine.End);
        Assert.Equal((DomainPhase.Off, DomainPhase.Active), (machine.Guest(0).Phase, machine.Guest(1).Phase));
        Assert.Contains("INFO ended guest=0 name=\"guest 0\" reason=shutdown", machine.Log);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ShutDown_OfTheLast_SwitchesTheMachineOff(bool hasPm1b)
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { HasPm1b = hasPm1b }).Launch().BootGuests();
        machine.ShutDown();
        machine.Cpus[0].ContinueInLongMode();
        machine.Cpus[0].Out(GuestRunner.Pm1Control, GuestRunner.SleepS5, 2);
        if (hasPm1b)
        {
            Assert.Equal(MachineEnd.Running, machine.End);
            machine.Cpus[0].Out(GuestRunner.Pm1bControl, 0x2001 | (2 << 10), 2);
        }
        Assert.Equal(MachineEnd.PoweredOff, machine.End);
        Assert.Equal("STEP off", machine.Log[^1]);
        Assert.StartsWith("INFO exits guest=1", machine.Log[^2]);
    }

    [Fact]
    public void Suspended_Survivor_WakesAtItsVector()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Suspend();
        machine.ShutDown();
        Assert.Equal(GuestRunner.VectorOf(0), machine.Cpus[0].Vmcb.Cs.Base + machine.Cpus[0].Vmcb.Rip);
        Assert.Equal(0x8100u, machine.Cpus[0].In(GuestRunner.Pm1Event, 2));
        Assert.Equal((DomainPhase.Active, DomainPhase.Off), (machine.Guest(0).Phase, machine.Guest(1).Phase));
    }

    [Theory]
    [MemberData(nameof(Resets))]
    public void Reset_WhileAnotherLives_EndsThatGuestAlone(int port, uint value, int size)
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Cpus[0].Out(port, value, size);
        machine.Settle();
        Assert.Equal(MachineEnd.Running, machine.End);
        Assert.Equal((DomainPhase.Off, DomainPhase.Active), (machine.Guest(0).Phase, machine.Guest(1).Phase));
        Assert.Contains("INFO ended guest=0 name=\"guest 0\" reason=reset", machine.Log);
    }

    [Theory]
    [MemberData(nameof(Resets))]
    public void Reset_OfTheLast_ResetsTheMachine(int port, uint value, int size)
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.ShutDown();
        machine.Cpus[0].Out(port, value, size);
        machine.Settle();
        Assert.Equal(MachineEnd.Reset, machine.End);
        Assert.Equal("STEP reset", machine.Log[^1]);
    }

    [Fact]
    public void TripleFault_WhileAnotherLives_EndsThatGuestAlone()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Cpus[0].TripleFault();
        machine.Settle();
        Assert.Equal((DomainPhase.Off, DomainPhase.Active), (machine.Guest(0).Phase, machine.Guest(1).Phase));
        Assert.Contains("INFO ended guest=0 name=\"guest 0\" reason=triple-fault", machine.Log);
    }

    [Fact]
    public void TripleFault_OfTheLast_ResetsTheMachine()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.ShutDown();
        machine.Cpus[0].TripleFault();
        machine.Settle();
        Assert.Equal(MachineEnd.Reset, machine.End);
        Assert.Equal("STEP reset", machine.Log[^1]);
    }

    /// <summary>Without a reset register the other ways remain.</summary>
    [Fact]
    public void TripleFault_OfTheLastWithoutResetRegister_ResetsTheMachineByThePort()
    {
        using FakeMachine machine = new FakeMachine();
        machine.Hypervisor.Power.ResetPort = 0;
        machine.Launch().BootGuests();
        machine.ShutDown();
        machine.Cpus[0].TripleFault();
        machine.Settle();
        Assert.Equal((MachineEnd.Reset, (ushort)0xCF9), (machine.End, machine.Ports.Writes[^1].Port));
    }

    /// <summary>Nobody has a session yet: the machine does what it would have done without us.</summary>
    [Fact]
    public void TripleFault_InTheBootPhase_ResetsTheMachine()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        machine.Cpus[0].TripleFault();
        Assert.Equal((MachineEnd.Reset, "STEP reset"), (machine.End, machine.Log[^1]));
    }

    /// <summary>A guest that has ended has no part in anything any more.</summary>
    [Fact]
    public void Ended_Guest_IsNeverChosenAgain()
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Guests = 3 }).Launch().BootGuests();
        machine.Suspend();
        machine.ShutDown();
        Assert.Equal(2, machine.ActiveGuest);
        machine.Suspend();
        Assert.Equal(0, machine.ActiveGuest);
        machine.Suspend();
        Assert.Equal([DomainPhase.Suspended, DomainPhase.Off, DomainPhase.Active], machine.GuestPhases);
    }

    /// <summary>A guest whose loader failed never parked.</summary>
    [Fact]
    public void Guest_ThatNeverParked_IsNeverChosen()
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Guests = 3 }).Launch();
        machine.Park(2);
        machine.Cpus[0].Vmcb.Rip = MemoryLayout.Partition(0) + MemoryLayout.Code;
        machine.Cpus[0].Hypercall(Switcher.Hv.Exits.Hypercall.BeginRunPhase, 0, 0);
        machine.Settle();
        machine.ShutDown();
        Assert.Equal(2, machine.ActiveGuest);
        machine.Cpus[0].Out(GuestRunner.Pm1Control, GuestRunner.SleepS5, 2);
        Assert.Equal(MachineEnd.PoweredOff, machine.End);
    }
}

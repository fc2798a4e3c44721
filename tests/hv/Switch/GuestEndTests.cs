using System;
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

    /// <summary>The firmware has the machine then, and is told whom it is to load.</summary>
    [Theory]
    [MemberData(nameof(Resets))]
    public void Reset_WhileAnotherLives_HasThatGuestLoadedAgain(int port, uint value, int size)
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Guests = 3 }).Launch().BootGuests();
        machine.Suspend();
        machine.StartCpus();
        machine.Cpus[1].Out(port, value, size);
        machine.Settle();
        Assert.Equal(MachineEnd.Running, machine.End);
        Assert.Equal([DomainPhase.Suspended, DomainPhase.Loading, DomainPhase.Parked], machine.GuestPhases);
        Assert.Contains("INFO ended guest=1 name=\"guest 1\" reason=reset", machine.Log);
        AssertLoads(machine, 1);

        machine.LoadAgain(1);
        AssertBoots(machine, 1);
        Assert.Equal([DomainPhase.Suspended, DomainPhase.Active, DomainPhase.Parked], machine.GuestPhases);
    }

    [Theory]
    [MemberData(nameof(Resets))]
    public void Reset_OfTheLast_HasItLoadedAgain(int port, uint value, int size)
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.ShutDown();
        machine.Cpus[0].Out(port, value, size);
        machine.Settle();
        Assert.Equal([DomainPhase.Off, DomainPhase.Loading], machine.GuestPhases);
        AssertLoads(machine, 1);
        machine.LoadAgain(1);
        AssertBoots(machine, 1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(VmxModels.SkylakeX)]
    public void TripleFault_WhileAnotherLives_HasThatGuestLoadedAgain(string? vmxModel)
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { VmxModel = vmxModel }).Launch().BootGuests();
        for (int i = 0; i < 3; i++)
        {
            machine.Cpus[0].TripleFault();
            machine.Settle();
            Assert.Equal([DomainPhase.Loading, DomainPhase.Parked], machine.GuestPhases);
            AssertLoads(machine, 0);
            machine.LoadAgain(0);
            AssertBoots(machine, 0);
        }
        Assert.Contains("INFO ended guest=0 name=\"guest 0\" reason=triple-fault", machine.Log);
        Assert.Equal(0UL, machine.Hypervisor.SwitchCount);
    }

    [Fact]
    public void TripleFault_OfTheLast_HasItLoadedAgain()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.ShutDown();
        machine.Cpus[0].TripleFault();
        machine.Settle();
        AssertLoads(machine, 1);
        machine.LoadAgain(1);
        AssertBoots(machine, 1);
    }

    /// <summary>A guest that does something that no CPU can go on from would do so again.</summary>
    [Fact]
    public void Crash_WhileAnotherLives_EndsThatGuestAlone()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Cpus[0].Crash(isInvalidState: false);
        machine.Settle();
        Assert.Equal([DomainPhase.Off, DomainPhase.Active], machine.GuestPhases);
        Assert.Contains("INFO ended guest=0 name=\"guest 0\" reason=crash", machine.Log);
    }

    [Fact]
    public void Crash_OfTheLast_ResetsTheMachine()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.ShutDown();
        machine.Cpus[0].Crash(isInvalidState: false);
        machine.Settle();
        Assert.Equal((MachineEnd.Reset, "STEP reset"), (machine.End, machine.Log[^1]));
    }

    /// <summary>Without a reset register the other ways remain.</summary>
    [Fact]
    public void Crash_OfTheLastWithoutResetRegister_ResetsTheMachineByThePort()
    {
        using FakeMachine machine = new FakeMachine();
        machine.Hypervisor.Power.ResetPort = 0;
        machine.Launch().BootGuests();
        machine.ShutDown();
        machine.Cpus[0].Crash(isInvalidState: false);
        machine.Settle();
        Assert.Equal((MachineEnd.Reset, (ushort)0xCF9), (machine.End, machine.Ports.Writes[^1].Port));
    }

    [Fact]
    public void Load_ThatFails_WakesAnother()
    {
        using FakeMachine machine = Loading();
        machine.Cpus[0].Answer(FirmwareAnswer.Done);
        machine.Settle();
        Assert.Equal([DomainPhase.Active, DomainPhase.Off], machine.GuestPhases);
        Assert.Equal(GuestRunner.VectorOf(0), machine.Cpus[0].Vmcb.Cs.Base + machine.Cpus[0].Vmcb.Rip);
        Assert.Equal(0x8100u, machine.Cpus[0].In(GuestRunner.Pm1Event, 2));

        // The firmware is there as before.
        machine.Cpus[0].TripleFault();
        machine.Settle();
        AssertLoads(machine, 0);
    }

    [Fact]
    public void Load_OfTheLastThatFails_ResetsTheMachine()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.ShutDown();
        machine.Cpus[0].TripleFault();
        machine.Settle();
        machine.Cpus[0].Answer(FirmwareAnswer.Done);
        Assert.Equal((MachineEnd.Reset, "STEP reset"), (machine.End, machine.Log[^1]));
    }

    /// <summary>Nobody knows what the firmware was at: it is not entered again, and a guest that resets is over.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Load_WhoseLoaderEndsTheMachine_WakesAnotherAndIsTheLast(int how)
    {
        using FakeMachine machine = Loading(guests: 3);
        Action[] ends =
        [
            () => machine.Cpus[0].Out(0xCF9, 0x06, 1), () => machine.Cpus[0].TripleFault(),
            () => machine.Cpus[0].Crash(isInvalidState: true), () => machine.Cpus[0].Out(GuestRunner.Pm1Control, GuestRunner.SleepS5, 2),
            () => machine.Cpus[0].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2),
        ];
        ends[how]();
        machine.Settle();
        Assert.Equal((MachineEnd.Running, true), (machine.End, machine.Hypervisor.HasLostServices));
        Assert.Equal([DomainPhase.Suspended, DomainPhase.Off, DomainPhase.Active], machine.GuestPhases);
        Assert.Contains("ERROR a loader did not come to its end; no guest can be loaded until the machine restarts"
            + " guest=1 name=\"guest 1\"", machine.Log);

        machine.Cpus[0].TripleFault();
        machine.Settle();
        Assert.Equal([DomainPhase.Active, DomainPhase.Off, DomainPhase.Off], machine.GuestPhases);
        machine.Cpus[0].TripleFault();
        machine.Settle();
        Assert.Equal(MachineEnd.Reset, machine.End);
    }

    /// <summary>With nobody else there is no session that could be lost.</summary>
    [Fact]
    public void Load_OfTheLastWhoseLoaderResets_ResetsTheMachine()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.ShutDown();
        machine.Cpus[0].TripleFault();
        machine.Settle();
        machine.Cpus[0].Out(0xCF9, 0x06, 1);
        Assert.Equal((MachineEnd.Reset, "STEP reset"), (machine.End, machine.Log[^1]));
    }

    /// <summary>One CPU of the firmware is about to give the machine to the guest when another crashes.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(VmxModels.SkylakeX)]
    public void Load_CrashOfAnotherCpuAtItsEnd_IsOneOfTheTwo(string? vmxModel)
    {
        using FakeMachine machine = Loading(vmxModel: vmxModel);
        machine.StartCpus();
        machine.Park(1);
        machine.Cpus[1].TripleFault();
        Assert.Equal(CpuWait.Spinning, machine.Cpus[1].Wait);
        machine.Cpus[0].Answer(FirmwareAnswer.Done);
        machine.Settle();
        Assert.Equal([DomainPhase.Active, DomainPhase.Off], machine.GuestPhases);
        Assert.All(machine.Cpus, cpu => Assert.Equal(CpuWait.InGuest, cpu.Wait));
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
        machine.Park(0);
        machine.Park(2);
        machine.BeginRunPhase();
        machine.ShutDown();
        Assert.Equal(2, machine.ActiveGuest);
        machine.Cpus[0].Out(GuestRunner.Pm1Control, GuestRunner.SleepS5, 2);
        Assert.Equal(MachineEnd.PoweredOff, machine.End);
    }

    /// <summary>Guest 1 has reset the machine while the others slept or had not begun.</summary>
    private static FakeMachine Loading(int guests = 2, string? vmxModel = null)
    {
        FakeMachine machine = new FakeMachine(new MachineOptions { Guests = guests, VmxModel = vmxModel }).Launch().BootGuests();
        machine.Suspend();
        machine.Cpus[0].TripleFault();
        machine.Settle();
        AssertLoads(machine, 1);
        return machine;
    }

    /// <summary>The firmware goes on behind its call for the next request.</summary>
    private static void AssertLoads(FakeMachine machine, int guest)
    {
        Assert.True(machine.Hypervisor.IsLoading);
        Assert.Equal((FirmwareRequests.Load(guest), MemoryLayout.Firmware + MemoryLayout.Code + 3),
            (machine.Cpus[0].Rax, machine.Cpus[0].Rip));
        Assert.All(machine.Cpus, cpu => Assert.Equal(machine.Domain(Domain.Firmware).NestedRoot.Value, cpu.NestedRoot));
        Assert.Equal([CpuActivity.Running, CpuActivity.WaitingForStartup], machine.Cpus.Select(cpu => cpu.Virtual.Activity));
    }

    private static void AssertBoots(FakeMachine machine, int guest)
    {
        Assert.Equal((guest, 0UL, MemoryLayout.Partition(guest) + MemoryLayout.Code + 3),
            (machine.ActiveGuest, machine.Cpus[0].Rax, machine.Cpus[0].Rip));
        Assert.All(machine.Cpus, cpu => Assert.Equal(machine.Guest(guest).NestedRoot.Value, cpu.NestedRoot));
        Assert.Equal([CpuActivity.Running, CpuActivity.WaitingForStartup], machine.Cpus.Select(cpu => cpu.Virtual.Activity));
    }
}

using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;
using Switcher.Boot.Config;
using Switcher.Boot.Memory;
using Switcher.Hv.Exits;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

/// <summary>What the user asks the firmware's domain for: who is next, what S3 means, and how things are.</summary>
public class NextGuestTests
{
    private const ulong None = ulong.MaxValue;

    [Theory]
    [InlineData(null)]
    [InlineData(VmxModels.SkylakeX)]
    public void Next_Named_HasTheMachineOnceThenTheOrderHolds(string? vmxModel)
    {
        using FakeMachine machine = Start(vmxModel: vmxModel);
        Order(machine, Hypercall.SetNext, 2);
        machine.Suspend();
        Assert.Equal((2, Domain.Firmware), (machine.ActiveGuest, machine.Hypervisor.NextDomain));
        machine.Suspend();
        Assert.Equal(0, machine.ActiveGuest);
        machine.Suspend();
        Assert.Equal(1, machine.ActiveGuest);
    }

    [Fact]
    public void Next_TakenBack_IsTheOneInOrder()
    {
        using FakeMachine machine = Start();
        Order(machine, Hypercall.SetNext, 2);
        Order(machine, Hypercall.SetNext, None);
        machine.Suspend();
        Assert.Equal(1, machine.ActiveGuest);
    }

    [Fact]
    public void Next_OfAGuestThatEnds_HasTheMachineToo()
    {
        using FakeMachine machine = Start();
        Order(machine, Hypercall.SetNext, 2);
        machine.ShutDown();
        Assert.Equal([DomainPhase.Off, DomainPhase.Parked, DomainPhase.Active], machine.GuestPhases);
    }

    [Fact]
    public void Next_OfAGuestThatRestarts_WaitsForTheSwitch()
    {
        using FakeMachine machine = Start();
        Order(machine, Hypercall.SetNext, 2);
        machine.Cpus[0].TripleFault();
        machine.Settle();
        machine.LoadAgain(0);
        Assert.Equal((0, Domain.OfGuest(2), 1UL), (machine.ActiveGuest, machine.Hypervisor.NextDomain, machine.Guest(0).Restarts));
        machine.Suspend();
        Assert.Equal(2, machine.ActiveGuest);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(VmxModels.SkylakeX)]
    public void Next_ThatIsOff_IsLoadedAndBoots(string? vmxModel)
    {
        using FakeMachine machine = WithGuestOff(vmxModel);
        machine.Suspend();
        Assert.Equal([DomainPhase.Loading, DomainPhase.Suspended, DomainPhase.Parked], machine.GuestPhases);
        Assert.Equal((true, FirmwareRequests.Load(0)), (machine.Hypervisor.IsLoading, machine.Cpus[0].Rax));
        machine.LoadAgain(0);
        Assert.Equal([DomainPhase.Active, DomainPhase.Suspended, DomainPhase.Parked], machine.GuestPhases);
        Assert.Equal(MemoryLayout.Partition(0) + MemoryLayout.Code + 3, machine.Cpus[0].Rip);
        Assert.Contains("STEP boot guest=0 name=\"guest 0\"", machine.Log);

        // Whoever slept meanwhile wakes where it wanted to.
        machine.Cpus[0].ContinueInLongMode();
        machine.Suspend();
        Assert.Equal((1, GuestRunner.VectorOf(1)), (machine.ActiveGuest, machine.Cpus[0].CodeAddress()));
    }

    /// <summary>It shuts down and asks for a guest that is off: there is somebody to go on with.</summary>
    [Fact]
    public void Next_ThatIsOff_IsLoadedAlsoForTheLastGuestThatShutsDown()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.ShutDown();
        Order(machine, Hypercall.SetNext, 0);
        machine.ShutDown();
        Assert.Equal((MachineEnd.Running, true), (machine.End, machine.Hypervisor.IsLoading));
        machine.LoadAgain(0);
        Assert.Equal([DomainPhase.Active, DomainPhase.Off], machine.GuestPhases);
    }

    [Fact]
    public void Next_ThatCannotBeLoaded_LeavesTheMachineToTheOneInOrder()
    {
        using FakeMachine machine = WithGuestOff();
        machine.Suspend();
        machine.Cpus[0].Answer(FirmwareAnswer.Done);
        machine.Settle();
        Assert.Equal([DomainPhase.Off, DomainPhase.Suspended, DomainPhase.Active], machine.GuestPhases);
    }

    /// <summary>With nobody else it is the one that asked.</summary>
    [Fact]
    public void Next_ThatCannotBeLoaded_WakesTheOnlyOneThatIsLeft()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.ShutDown();
        Order(machine, Hypercall.SetNext, 0);
        machine.Suspend();
        machine.Cpus[0].Answer(FirmwareAnswer.Done);
        machine.Settle();
        Assert.Equal([DomainPhase.Off, DomainPhase.Active], machine.GuestPhases);
        Assert.Equal(GuestRunner.VectorOf(1), machine.Cpus[0].CodeAddress());
    }

    /// <summary>The firmware goes from one to the other; whoever it cannot load is over.</summary>
    [Fact]
    public void Next_ThatIsOff_IsLoadedWhereTheOneThatRestartsCannotBe()
    {
        using FakeMachine machine = WithGuestOff();
        machine.Cpus[0].TripleFault();
        machine.Settle();
        machine.Cpus[0].Answer(FirmwareAnswer.Done);
        Assert.Equal([DomainPhase.Loading, DomainPhase.Off, DomainPhase.Parked], machine.GuestPhases);
        Assert.Equal((true, FirmwareRequests.Load(0)), (machine.Hypervisor.IsLoading, machine.Cpus[0].Rax));
        machine.LoadAgain(0);
        Assert.Equal([DomainPhase.Active, DomainPhase.Off, DomainPhase.Parked], machine.GuestPhases);
    }

    [Fact]
    public void Next_ThatIsOffWithoutServices_IsTheOneInOrder()
    {
        using FakeMachine machine = WithGuestOff();
        machine.Hypervisor.HasLostServices = true;
        machine.Suspend();
        Assert.Equal([DomainPhase.Off, DomainPhase.Suspended, DomainPhase.Active], machine.GuestPhases);
    }

    /// <summary>Armed, or for one guest: the machine sleeps, wakes that guest, and switches once a guest is named.</summary>
    [Theory]
    [InlineData(None)]
    [InlineData(0UL)]
    public void Sleep_OfTheMachine_EndsByThePowerButtonAndANameSwitches(ulong whose)
    {
        using FakeMachine machine = Start();
        Order(machine, Hypercall.SetSleep, whose, (ulong)SleepPolicy.Machine);
        machine.Suspend();
        Assert.Equal((CpuWait.Halted, "INFO sleep guest=0"), (machine.Cpus[0].Wait, machine.Log[^1]));
        machine.Acpi.Status |= 0x0100;
        machine.Cpus[0].Resume();
        machine.Settle();
        Assert.Equal((0, GuestRunner.VectorOf(0), 0UL),
            (machine.ActiveGuest, machine.Cpus[0].CodeAddress(), machine.Hypervisor.SwitchCount));

        machine.Cpus[0].ContinueInLongMode();
        Order(machine, Hypercall.SetNext, 1);
        machine.Suspend();
        Assert.Equal(1, machine.ActiveGuest);

        // Once: the armed machine sleeps again, and where it was one guest's wish, another one's suspending is a switch.
        machine.Suspend();
        Assert.Equal(whose == None ? (1, true) : (2, false), (Math.Max(1, machine.ActiveGuest), machine.Log[^1] == "INFO sleep guest=1"));
    }

    [Fact]
    public void Report_AfterSwitches_SaysHowThingsAre()
    {
        using FakeMachine machine = Start();
        machine.Suspend();
        machine.ShutDown();
        Order(machine, Hypercall.SetSleep, 1, (ulong)SleepPolicy.Machine);
        Order(machine, Hypercall.SetSleep, None, (ulong)SleepPolicy.Machine);
        Order(machine, Hypercall.SetNext, 0);
        Order(machine, Hypercall.Report, 0);
        HypervisorReport report = FakePlatform.At<HypervisorReport>(machine.Hypervisor.Report);
        Assert.Equal((2UL, 1, 2, 0, SleepPolicy.Machine, false),
            (report.Switches, report.From, report.To, report.Next, report.Sleep, report.HasLostServices));
        Assert.Equal((FakeMachine.TimestampFrequency, machine.Hypervisor.Pending.End - machine.Hypervisor.Pending.Start),
            (report.TimestampFrequency, report.Ticks));
        Assert.Equal([DomainPhase.Suspended, DomainPhase.Off, DomainPhase.Active],
            Enumerable.Range(0, 3).Select(guest => report.Guests[guest].Phase));
        Assert.Equal([SleepPolicy.Switch, SleepPolicy.Machine, SleepPolicy.Switch],
            Enumerable.Range(0, 3).Select(guest => report.Guests[guest].Sleep));
        Assert.NotEqual(0UL, report.Guests[0].Exits);
    }

    [Fact]
    public void Report_BeforeAnySwitch_NamesNobody()
    {
        using FakeMachine machine = Start();
        Order(machine, Hypercall.Report, 0);
        HypervisorReport report = FakePlatform.At<HypervisorReport>(machine.Hypervisor.Report);
        Assert.Equal((0UL, Domain.Nobody, Domain.Nobody, Domain.Nobody), (report.Switches, report.From, report.To, report.Next));
    }

    /// <summary>The log lies behind it.</summary>
    [Fact]
    public void Report_OfTheMostGuests_EndsBeforeTheLog()
        => Assert.InRange(Unsafe.SizeOf<HypervisorReport>(), 1, HypervisorReport.LogOffset);

    /// <summary>As much as is asked for, and never more than there is room for.</summary>
    [Theory]
    [InlineData(0UL)]
    [InlineData(100UL)]
    [InlineData((ulong)HypervisorReport.LogCapacity)]
    [InlineData(ulong.MaxValue)]
    public void CopyLog_OfAnySize_GivesTheLatestWholeLines(ulong most)
    {
        using FakeMachine machine = Start();
        for (int i = 0; i < 4; i++)
            machine.Suspend();
        int length = (int)Order(machine, Hypercall.CopyLog, most);
        string log = Encoding.ASCII.GetString(
            FakePlatform.Bytes(machine.Hypervisor.Report + HypervisorReport.LogOffset, length));
        string all = string.Concat(machine.Log.Select(line => line + "\n"));
        Assert.EndsWith(log, all, StringComparison.Ordinal);
        Assert.True(most == 0 ? length == 0 : length > 0 && (ulong)length <= most);
        Assert.Equal(most > 1000, log.Length == all.Length);
    }

    /// <summary>Only somebody else can be next: the one that has the machine has it.</summary>
    [Theory]
    [InlineData(Hypercall.SetNext, 0UL, 0UL)]
    [InlineData(Hypercall.SetNext, 3UL, 0UL)]
    [InlineData(Hypercall.SetNext, 0x8000_0000UL, 0UL)]
    [InlineData(Hypercall.SetSleep, 3UL, 0UL)]
    [InlineData(Hypercall.SetSleep, 0UL, 2UL)]
    public void Order_ThatCannotBe_IsAnInvalidOpcode(ulong number, ulong guest, ulong value)
    {
        using FakeMachine machine = Start();
        FakeCpu cpu = machine.Cpus[0];
        cpu.CallFirmware();
        cpu.Rip = MemoryLayout.Firmware + MemoryLayout.Code;
        cpu.Hypercall(number, guest, value);
        Assert.Equal([0x8000_0306UL], cpu.Injected);
        Assert.Equal((Domain.Firmware, SleepPolicy.Switch), (machine.Hypervisor.NextDomain, machine.Guest(0).Sleep));
    }

    private static FakeMachine Start(string? vmxModel = null)
        => new FakeMachine(new MachineOptions { Guests = 3, VmxModel = vmxModel }).Launch().BootGuests();

    /// <summary>Guest 0 has shut down, guest 1 has the machine and has asked for it.</summary>
    private static FakeMachine WithGuestOff(string? vmxModel = null)
    {
        FakeMachine machine = Start(vmxModel);
        machine.ShutDown();
        machine.Cpus[0].ContinueInLongMode();
        Order(machine, Hypercall.SetNext, 0);
        return machine;
    }

    /// <summary>In a service of the active guest's, the firmware's domain makes a hypercall.</summary>
    /// <returns>Its RAX.</returns>
    private static ulong Order(FakeMachine machine, ulong number, ulong first, ulong second = 0)
    {
        FakeCpu cpu = machine.Cpus[0];
        ulong rip = cpu.Rip;
        cpu.CallFirmware();
        cpu.Rip = MemoryLayout.Firmware + MemoryLayout.Code;
        cpu.Hypercall(number, first, second);
        Assert.Equal(MemoryLayout.Firmware + MemoryLayout.Code + 3, cpu.Rip);
        ulong answer = cpu.Rax;
        cpu.Answer(FirmwareAnswer.Done);
        cpu.Rip = rip;
        return answer;
    }
}

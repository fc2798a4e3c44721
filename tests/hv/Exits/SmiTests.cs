using System;
using System.Linq;
using CsCheck;
using Switcher.Hv.Cpu;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Hv.Vendor;
using Switcher.Tests.Hv.Machine;
using Switcher.Tests.Hv.Switch;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

/// <summary>
/// A system-management interrupt on SVM is taken in the host, on every CPU, whatever that CPU does: the firmware calls all of them. Nothing
/// of the domain that executes changes by it.
/// </summary>
public class SmiTests
{
    /// <summary>What the CPUs execute when it comes.</summary>
    public enum Situation
    {
        FirmwareBeforeTheFirstGuest,
        GuestOnOneCpu,
        GuestOnAllCpus,
        ServiceOfTheFirmware,
        FirmwareThatLoadsAGuestAgain,
        GuestAfterASwitch,
    }

    [Theory]
    [InlineData(Situation.FirmwareBeforeTheFirstGuest)]
    [InlineData(Situation.GuestOnOneCpu)]
    [InlineData(Situation.GuestOnAllCpus)]
    [InlineData(Situation.ServiceOfTheFirmware)]
    [InlineData(Situation.FirmwareThatLoadsAGuestAgain)]
    [InlineData(Situation.GuestAfterASwitch)]
    public void Smi_OnAllCpus_IsTakenOnceAndChangesNothing(Situation situation)
    {
        using FakeMachine machine = In(situation);
        foreach (FakeCpu cpu in machine.Cpus)
            cpu.Vmcb.InterruptShadow = 1;
        (CpuState, ulong, CpuActivity, bool)[] before = machine.Cpus.Select(Visible).ToArray();
        machine.RaiseSmi();
        machine.Settle();
        Assert.All(machine.Cpus, cpu => Assert.Equal((1, true), (cpu.SmisTaken, cpu.IsWatching || cpu.Wait == CpuWait.InGuest)));
        Assert.Equal(before, machine.Cpus.Select(Visible));
        Assert.All(machine.Cpus, cpu => Assert.Equal(1UL, cpu.Vmcb.InterruptShadow));
        Assert.All(machine.Cpus, cpu => Assert.Empty(cpu.Injected));
        Assert.Equal((ulong)machine.Cpus.Count(cpu => !cpu.IsWatching), Count(machine));
    }

    /// <summary>The exit that came first is handled first; the interrupt waits for the next entry and is not lost.</summary>
    [Fact]
    public void Smi_WhileTheHypervisorRuns_IsTakenAtTheNextEntry()
    {
        using FakeMachine machine = In(Situation.GuestOnAllCpus);
        FakeCpu cpu = machine.Cpus[0];
        ulong rip = cpu.Rip;
        cpu.IsSmiPending = true;
        cpu.Cpuid(0);
        machine.Settle();
        Assert.Equal((1, rip + 2), (cpu.SmisTaken, cpu.Rip));
    }

    /// <summary>The flag is open for both: each goes where it belongs.</summary>
    [Fact]
    public void Smi_TogetherWithAnNmiOfTheGuest_LeavesItToTheGuest()
    {
        using FakeMachine machine = In(Situation.GuestOnAllCpus);
        FakeCpu cpu = machine.Cpus[1];
        (cpu.IsSmiPending, cpu.IsNmiPending) = (true, true);
        machine.Settle();
        Assert.Equal((1, false), (cpu.SmisTaken, cpu.IsNmiPending));
        Assert.Equal([EventInjection.Of(GuestEvent.NonMaskableInterrupt)], cpu.Injected);
    }

    /// <summary>
    /// A CPU that keeps the others waiting for seconds: those that wait in the hypervisor do not keep the firmware waiting too.
    /// </summary>
    [Fact]
    public void Smi_WhileCpusWaitForASwitch_IsTakenThere()
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Cpus = 3 }).Launch().BootGuests();
        machine.StartCpus();
        machine.SetVector(GuestRunner.VectorOf(0));
        machine.Cpus[1].IsNmiBlocked = true;
        machine.Cpus[0].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        machine.Cpus[2].Resume();
        Assert.Equal([CpuWait.Spinning, CpuWait.InGuest, CpuWait.Spinning], machine.Cpus.Select(cpu => cpu.Wait));

        machine.RaiseSmi();
        foreach (FakeCpu cpu in machine.Cpus)
            cpu.Resume();
        Assert.All(machine.Cpus, cpu => Assert.Equal(1, cpu.SmisTaken));
        Assert.Equal((0, CpuActivity.Stopped), (machine.ActiveGuest, machine.Cpus[2].Virtual.Activity));

        machine.Cpus[1].IsNmiBlocked = false;
        machine.Settle();
        Assert.Equal(1, machine.ActiveGuest);
        Assert.All(machine.Cpus, cpu => Assert.Equal(1, cpu.SmisTaken));
    }

    [Fact]
    public void Smi_WhileTheMachineSleeps_IsTakenByAllCpusAndWakesNobody()
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Cpus = 3 }).Launch().BootGuests();
        machine.ShutDown();
        machine.StartCpus();
        machine.Suspend();
        Assert.Equal([CpuWait.Halted, CpuWait.Spinning, CpuWait.Spinning], machine.Cpus.Select(cpu => cpu.Wait));
        machine.RaiseSmi();
        foreach (FakeCpu cpu in machine.Cpus)
            cpu.Resume();
        Assert.All(machine.Cpus, cpu => Assert.Equal(1, cpu.SmisTaken));
        Assert.Equal([CpuWait.Halted, CpuWait.Spinning, CpuWait.Spinning], machine.Cpus.Select(cpu => cpu.Wait));
    }

    /// <summary>
    /// On a PC whose reset register is the port of SMI commands, other commands of the guest's go through the hypervisor.
    /// </summary>
    [Fact]
    public void Smi_OfAnInterceptedCommandPort_ComesBeforeTheGuestsNextInstruction() => Gen.Byte.Sample(command =>
    {
        if (command == FakeMachine.ResetValue)
            return;
        using FakeMachine machine = In(Situation.GuestOnAllCpus);
        FakeCpu cpu = machine.Cpus[0];
        ulong rip = cpu.Rip;
        Assert.True(cpu.IsPortIntercepted(FakeMachine.ResetPort, 1));
        cpu.Out(FakeMachine.ResetPort, command, 1);
        Assert.Equal((1, rip + 1), (cpu.SmisTaken, cpu.Rip));
        machine.Settle();
        Assert.All(machine.Cpus, each => Assert.Equal(1, each.SmisTaken));
    }, iter: 20);

    /// <summary>The hypervisor's own request to switch off, for a guest that has asked the firmware's services for that.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Smi_ThatSwitchesTheMachineOff_IsLetInBeforeAReset(bool hasTrappedSleep)
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { HasTrappedSleep = hasTrappedSleep }).Launch().BootGuests();
        machine.ShutDown();
        machine.Cpus[0].CallFirmware();
        machine.Cpus[0].Answer(FirmwareAnswer.Shutdown);
        machine.Settle();
        Assert.Equal((MachineEnd.PoweredOff, "STEP off"), (machine.End, machine.Log[^1]));
    }

    /// <summary>The guest's own request goes to the hardware as it is; it executes nothing behind that.</summary>
    [Fact]
    public void Smi_OfTheLastGuestsSleepRequest_SwitchesTheMachineOff()
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { HasTrappedSleep = true }).Launch().BootGuests();
        machine.ShutDown();
        machine.ShutDown();
        Assert.Equal((MachineEnd.PoweredOff, 1), (machine.End, machine.Cpus[0].SmisTaken));
    }

    private static FakeMachine In(Situation situation)
    {
        FakeMachine machine = new FakeMachine(new MachineOptions { Cpus = 3 }).Launch();
        if (situation == Situation.FirmwareBeforeTheFirstGuest)
            return machine;
        machine.BootGuests();
        if (situation == Situation.GuestOnOneCpu)
            return machine;
        machine.StartCpus();
        switch (situation)
        {
            case Situation.ServiceOfTheFirmware:
                machine.Cpus[1].CallFirmware();
                break;
            case Situation.FirmwareThatLoadsAGuestAgain:
                machine.Cpus[0].TripleFault();
                break;
            case Situation.GuestAfterASwitch:
                machine.Suspend();
                break;
            default:
                break;
        }
        machine.Settle();
        return machine;
    }

    private static (CpuState State, ulong Rax, CpuActivity Activity, bool IsInFirmware) Visible(FakeCpu cpu)
        => (cpu.State, cpu.Rax, cpu.Virtual.Activity, cpu.Virtual.IsInFirmware);

    private static ulong Count(FakeMachine machine)
        => machine.Domain(machine.Hypervisor.ActiveDomain).ExitCounts.At<FakePlatform>((int)ExitReason.Smi);
}

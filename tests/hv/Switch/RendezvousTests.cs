using System;
using System.Linq;
using CsCheck;
using Switcher.Hv.Devices;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

/// <summary>Several CPUs at once, in every order in which they may come to it.</summary>
public class RendezvousTests
{
    [Fact]
    public void Suspend_AnyOrderOfCpus_ComesToRest() => Gen.Int.Sample(seed =>
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Cpus = 4 }).Launch().BootGuests();
        machine.StartCpus();
        machine.SetVector(GuestRunner.VectorOf(0));
        machine.Cpus[(int)((uint)seed % 4)].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        machine.Settle(new Random(seed));
        return machine.ActiveGuest == 1 && machine.Cpus.All(cpu => cpu.Wait == CpuWait.InGuest);
    }, iter: 100);

    /// <summary>One request is carried out; the other CPU stops at its instruction, which nobody ever completes.</summary>
    [Fact]
    public void Requests_OnTwoCpusAtOnce_AreOneSwitch() => Gen.Int.Sample(seed =>
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Guests = 3 }).Launch().BootGuests();
        machine.StartCpus();
        machine.SetVector(GuestRunner.VectorOf(0));
        machine.Cpus[0].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        if ((seed & 1) != 0)
            machine.Cpus[1].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        else
            machine.Cpus[1].TripleFault();
        machine.Settle(new Random(seed));
        Assert.Equal([DomainPhase.Suspended, DomainPhase.Active, DomainPhase.Parked], machine.GuestPhases);
        Assert.Equal(1UL, machine.Hypervisor.SwitchCount);
    }, iter: 50);

    /// <summary>
    /// CPU 1 is about to carry out the old guest's start-up interrupt when CPU 0 begins to switch and CPU 2 stops. The new guest must not
    /// find CPU 2 running at the old guest's start-up code.
    /// </summary>
    [Fact]
    public void Startup_OfTheOldGuestToStoppedCpu_IsForgotten()
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Cpus = 3 }).Launch().BootGuests();
        machine.StartCpus();
        machine.SetVector(GuestRunner.VectorOf(0));
        HoldBeforeSending(machine.Cpus[1], 0x469A, machine.Cpus[2]);
        machine.Cpus[0].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        machine.Cpus[2].Resume();
        Assert.Equal(CpuActivity.Stopped, machine.Cpus[2].Virtual.Activity);
        machine.Cpus[1].Resume();
        machine.Settle();
        Assert.Equal(1, machine.ActiveGuest);
        Assert.Equal(CpuActivity.WaitingForStartup, machine.Cpus[2].Virtual.Activity);
    }

    /// <summary>The same with an INIT for the CPU that switches, which is to run the new guest.</summary>
    [Fact]
    public void Init_OfTheOldGuestToTheCpuThatSwitches_IsForgotten()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.StartCpus();
        machine.SetVector(GuestRunner.VectorOf(0));
        HoldBeforeSending(machine.Cpus[1], 0x4500, machine.Cpus[0]);
        machine.Cpus[0].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        machine.Cpus[1].Resume();
        machine.Settle();
        Assert.Equal(1, machine.ActiveGuest);
        Assert.Equal(CpuActivity.Running, machine.Cpus[0].Virtual.Activity);
    }

    /// <summary>A CPU that the guest keeps from taking interrupts holds the switch up; the log says so after a while, once.</summary>
    [Fact]
    public void Suspend_WhileACpuIsDeaf_WarnsAndGoesOnLater()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.StartCpus();
        machine.SetVector(GuestRunner.VectorOf(0));
        machine.Cpus[1].IsNmiBlocked = true;
        machine.Cpus[0].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        for (int i = 0; i < 3; i++)
        {
            machine.Advance(6 * FakeMachine.TimestampFrequency);
            machine.Cpus[0].Resume();
        }
        Assert.Single(machine.Log, "WARN a CPU does not come into the hypervisor; still waiting cpu=1");
        Assert.Equal(0, machine.ActiveGuest);

        machine.Cpus[1].IsNmiBlocked = false;
        machine.Settle();
        Assert.Equal(1, machine.ActiveGuest);
    }

    [Fact]
    public void Suspend_WhileACpuIsOnItsWayIntoWaiting_AsksItAgain()
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { VmxModel = VmxModels.SkylakeX }).Launch().BootGuests();
        machine.SetVector(GuestRunner.VectorOf(0));
        machine.Cpus[1].Vmx.StartupsToLose = 1;
        machine.Cpus[0].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        Assert.Equal(CpuActivity.WaitingForStartup, machine.Cpus[1].Virtual.Activity);

        machine.Advance(FakeMachine.TimestampFrequency / 10);
        machine.Settle();
        Assert.Equal(1, machine.ActiveGuest);
    }

    /// <summary>
    /// The guest writes the interrupt command register; the hypervisor on that CPU comes as far as its first look at the local APIC.
    /// </summary>
    private static void HoldBeforeSending(FakeCpu sender, uint command, FakeCpu target)
    {
        sender.WriteApic(ApicRegister.InterruptCommandHigh, target.ApicId << 24);
        bool isHeld = false;
        sender.IsInterrupted = () => !isHeld && (isHeld = true);
        sender.WriteApic(ApicRegister.InterruptCommandLow, command);
        Assert.Equal(CpuWait.Spinning, sender.Wait);
    }
}

using System;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Exits;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Hv.Vmx.Definitions;
using Switcher.Tests.Hv.Machine;
using Switcher.Tests.Hv.Switch;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

/// <summary>A firmware that does not come back from a runtime service, or takes its time.</summary>
public class FirmwareFailureTests
{
    private const ulong DeviceError = 0x8000_0000_0000_0007;
    private const ulong Status = 0x8000_0000_0000_000E;

    public static TheoryData<string?> Vendors => [null, VmxModels.SkylakeX];

    /// <summary>What a firmware can do in a service that ends the machine or itself.</summary>
    public static TheoryData<string?, int> Failures
    {
        get
        {
            var failures = new TheoryData<string?, int>();
            foreach (string? vendor in new[] { null, VmxModels.SkylakeX })
            {
                for (int i = 0; i < 8; i++)
                    failures.Add(vendor, i);
            }
            failures.Add(VmxModels.SkylakeX, 8);
            return failures;
        }
    }

    private static ulong Services => MemoryLayout.Partition(0) + MemoryLayout.Services;

    /// <summary>The guest goes on without services; nobody executes that firmware any more, so a reset is the end of a guest.</summary>
    [Theory]
    [MemberData(nameof(Failures))]
    public void Failure_OfTheFirmware_IsAnErrorForTheCallerAndAllLaterOnes(string? vmxModel, int how)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
        FakeCpu cpu = machine.Cpus[0];
        cpu.Virtual.Registers.R12 = 0x1212;
        cpu.CallFirmware();
        machine.Cpus[1].CallFirmware();
        Fail(cpu, how);
        Assert.Equal((DeviceError, Services + 3, 0x1212UL), (cpu.Rax, cpu.Rip, cpu.Virtual.Registers.R12));
        Assert.Equal((machine.Guest(0).NestedRoot.Value, false, true),
            (cpu.NestedRoot, cpu.Virtual.IsInFirmware, machine.Hypervisor.HasLostServices));
        Assert.Contains("ERROR the firmware failed in a runtime service; there are none until the machine restarts guest=0 cpu=0",
            machine.Log);
        ServiceInterruptsTests.AssertNotHeld(cpu);

        foreach (FakeCpu each in machine.Cpus)
        {
            each.CallFirmware();
            Assert.Equal((DeviceError, Services + 3, false), (each.Rax, each.Rip, each.Virtual.IsInFirmware));
        }
        Assert.Equal([DomainPhase.Active, DomainPhase.Parked], machine.GuestPhases);
        cpu.TripleFault();
        machine.Settle();
        Assert.Equal([DomainPhase.Off, DomainPhase.Active], machine.GuestPhases);
    }

    /// <summary>A flash chip takes its time: some dozen blocks of 2 s, when the firmware cleans up.</summary>
    [Theory]
    [MemberData(nameof(Vendors))]
    public void Wait_OfTheFirmware_GoesOnForAMinute(string? vmxModel)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
        FakeCpu cpu = machine.Cpus[0];
        AssertIntercepts(cpu, false);
        cpu.CallFirmware();
        AssertIntercepts(cpu, true);
        AssertIntercepts(machine.Cpus[1], false);
        for (int i = 0; i < 59; i++)
        {
            ulong rip = cpu.Rip;
            machine.Advance(FakeMachine.TimestampFrequency);
            cpu.Pause();
            Assert.Equal((true, rip + 2), (cpu.Virtual.IsInFirmware, cpu.Rip));
        }
        cpu.Answer(FirmwareAnswer.Done, Status);
        AssertIntercepts(cpu, false);
        Assert.Equal((Status, false), (cpu.Rax, machine.Hypervisor.HasLostServices));
    }

    /// <summary>It may also do nothing that exits.</summary>
    [Fact]
    public void Timer_OfAService_LooksWhetherTheMinuteIsOver()
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(VmxModels.SkylakeX);
        FakeCpu cpu = machine.Cpus[0];
        Assert.Equal(PinControls.None, cpu.Vmx.Vmcs.Get(VmcsControl.PinControls) & PinControls.ActivatePreemptionTimer);
        cpu.CallFirmware();
        for (int i = 0; i < 59; i++)
        {
            machine.Advance(FakeMachine.TimestampFrequency);
            cpu.LetTimerExpire();
            Assert.True(cpu.Virtual.IsInFirmware);
        }
        cpu.Answer(FirmwareAnswer.Done, Status);
        Assert.Equal(PinControls.None, cpu.Vmx.Vmcs.Get(VmcsControl.PinControls) & PinControls.ActivatePreemptionTimer);
    }

    /// <summary>A switch waits for as long as that.</summary>
    [Theory]
    [MemberData(nameof(Vendors))]
    public void Service_OfAMinute_EndsBeforeAnotherCpuSwitches(string? vmxModel)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
        FakeCpu cpu = machine.Cpus[0];
        cpu.CallFirmware();
        machine.SetVector(GuestRunner.VectorOf(0));
        machine.Cpus[1].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        machine.Advance(59 * FakeMachine.TimestampFrequency);
        cpu.Cpuid(0);
        Assert.Equal((0, true, false), (machine.ActiveGuest, cpu.Virtual.IsInFirmware, machine.Hypervisor.HasLostServices));
        cpu.Answer(FirmwareAnswer.Done, Status);
        machine.Settle();
        Assert.Equal((1, false), (machine.ActiveGuest, machine.Hypervisor.HasLostServices));
    }

    /// <summary>Whoever wants something of a CPU in a service that does not end finds that out.</summary>
    [Theory]
    [MemberData(nameof(Vendors))]
    public void Service_WithoutEnd_IsGivenUpWhenAnotherCpuSwitches(string? vmxModel)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
        machine.Cpus[0].CallFirmware();
        machine.Advance(61 * FakeMachine.TimestampFrequency);
        machine.SetVector(GuestRunner.VectorOf(0));
        machine.Cpus[1].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        machine.Settle();
        Assert.Equal((1, true), (machine.ActiveGuest, machine.Hypervisor.HasLostServices));
        Assert.Contains("ERROR the firmware does not come back from a runtime service", machine.Log);
    }

    /// <summary>The last guest's session is worth as much.</summary>
    [Theory]
    [MemberData(nameof(Failures))]
    public void Failure_WhileTheLastGuestCalls_LeavesItsSession(string? vmxModel, int how)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
        machine.ShutDown();
        machine.Cpus[0].CallFirmware();
        Fail(machine.Cpus[0], how);
        Assert.Equal((MachineEnd.Running, DeviceError), (machine.End, machine.Cpus[0].Rax));
        machine.Cpus[0].TripleFault();
        machine.Settle();
        Assert.Equal(MachineEnd.Reset, machine.End);
    }

    private static void Fail(FakeCpu cpu, int how)
    {
        switch (how)
        {
            case 0:
                cpu.TripleFault();
                break;
            case 1:
                cpu.Crash(isInvalidState: true);
                break;
            case 2:
                cpu.Crash(isInvalidState: false);
                break;
            case 3:
                cpu.Out(0xCF9, 0x06, 1);
                break;
            case 4:
                cpu.Out(GuestRunner.Pm1Control, GuestRunner.SleepS5, 2);
                break;
            case 5:
                cpu.Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
                break;
            case 6:
                cpu.RaiseFault();
                break;
            case 7:
                FakeMachine.Current.Advance(61 * FakeMachine.TimestampFrequency);
                cpu.Pause();
                break;
            default:
                FakeMachine.Current.Advance(61 * FakeMachine.TimestampFrequency);
                cpu.LetTimerExpire();
                break;
        }
    }

    private static void AssertIntercepts(FakeCpu cpu, bool areOn)
    {
        const SvmIntercepts1 SvmWaits = SvmIntercepts1.Pause | SvmIntercepts1.Hlt;
        const PrimaryControls VmxWaits = PrimaryControls.PauseExiting | PrimaryControls.HltExiting;
        const uint Faults = 0xFFFB_FFF1;
        if (cpu.HasVmx)
        {
            Assert.Equal((areOn ? Faults : 0, areOn ? VmxWaits : PrimaryControls.None),
                (cpu.Vmx.Vmcs.Get(VmcsControl.ExceptionBitmap), cpu.Vmx.Vmcs.Get(VmcsControl.PrimaryControls) & VmxWaits));
            return;
        }
        Assert.Equal((areOn ? Faults : 0, areOn ? SvmWaits : 0), (cpu.Vmcb.ExceptionIntercepts, cpu.Vmcb.Intercepts1 & SvmWaits));
    }
}

using System.Linq;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

/// <summary>With nobody to switch to, S3 is an ordinary sleep that the power button, a key or the RTC ends.</summary>
public sealed class OrdinarySleepTests : System.IDisposable
{
    private readonly FakeMachine _machine = new(new MachineOptions { Cpus = 3 });
    private readonly FakePciFunction _drive;

    public OrdinarySleepTests()
    {
        _drive = _machine.Pci.Add(new FakePciFunction(null, 3, 0, 0x0108, isBridge: false));
        _machine.Launch().BootGuests();
        _machine.ShutDown();
        _machine.StartCpus();
        _machine.Log.Clear();
    }

    private FakeCpu Cpu => _machine.Cpus[0];

    [Fact]
    public void Sleep_OfTheLastGuest_KeepsTheMachineAndWaits()
    {
        _drive.StartDevice();
        _machine.IoApics.Values.First().Entries[9] = 0x8000 | 0x39;
        _machine.Suspend();
        Assert.Equal(MachineEnd.Running, _machine.End);
        Assert.Equal([CpuWait.Halted, CpuWait.Spinning, CpuWait.Spinning], _machine.Cpus.Select(cpu => cpu.Wait));
        Assert.Equal(["STEP s3 guest=1 name=\"guest 1\"", "INFO sleep guest=1"], _machine.Log);
        Assert.True(_drive.IsSilent);
        Assert.True(_machine.IoApics.Values.First().IsQuiet);
    }

    [Fact]
    public void Tick_WithoutReason_DoesNotWake()
    {
        _machine.Suspend();
        Tick();
        Tick();
        Assert.Equal(CpuWait.Halted, Cpu.Wait);
    }

    [Fact]
    public void PowerButton_WhileAsleep_Wakes()
    {
        _machine.Suspend();
        _machine.Acpi.Status |= 0x0100;
        AssertWakes("power-button", 0x8100);
    }

    /// <summary>Even where the guest did not ask for it: promise 8.</summary>
    [Fact]
    public void PowerButton_ThatTheGuestHadDisabled_Wakes()
    {
        _machine.Acpi.Enable = 0;
        _machine.Suspend();
        _machine.Acpi.Status |= 0x0100;
        AssertWakes("power-button", 0x8100);
    }

    [Fact]
    public void SleepButton_ThatIsEnabled_Wakes()
    {
        _machine.Acpi.Enable = 0x0200;
        _machine.Suspend();
        _machine.Acpi.Status |= 0x0200;
        AssertWakes("power-button", 0x8200);
    }

    [Fact]
    public void Alarm_AsFixedEvent_Wakes()
    {
        _machine.Acpi.Enable = 0x0400;
        _machine.Suspend();
        _machine.Acpi.Status |= 0x0400;
        AssertWakes("rtc", 0x8400);
    }

    /// <summary>Where the chipset does not route the clock's interrupt into PM1_STS: the clock itself says it.</summary>
    [Fact]
    public void Alarm_InTheClockAlone_Wakes()
    {
        _machine.Legacy.ClockControl = 0x22;
        _machine.Suspend();
        _machine.Legacy.RingAlarm();
        AssertWakes("rtc", 0x8400);
    }

    [Fact]
    public void Alarm_ThatNobodyEnabled_DoesNotWake()
    {
        _machine.Legacy.ClockControl = 0x02;
        _machine.Suspend();
        _machine.Legacy.RingAlarm();
        _machine.Acpi.Status |= 0x0400;
        Tick();
        Assert.Equal(CpuWait.Halted, Cpu.Wait);
    }

    [Fact]
    public void Key_WhileAsleep_Wakes()
    {
        _machine.Suspend();
        _machine.Legacy.KeyboardStatus |= 1;
        AssertWakes("key", 0x8000);
    }

    /// <summary>All ones at its status port mean that there is no keyboard controller.</summary>
    [Fact]
    public void Key_WithoutKeyboardController_DoesNotWake()
    {
        _machine.Legacy.KeyboardStatus = 0xFF;
        _machine.Suspend();
        Tick();
        Assert.Equal(CpuWait.Halted, Cpu.Wait);
    }

    [Fact]
    public void GeneralPurposeEvent_ThatIsEnabled_Wakes()
    {
        _machine.Acpi.GpeEnable[1] = 0x20;
        _machine.Suspend();
        _machine.Acpi.GpeStatus[1] = 0x20;
        AssertWakes("gpe", 0x8000);
    }

    [Fact]
    public void GeneralPurposeEvent_ThatIsNotEnabled_DoesNotWake()
    {
        _machine.Suspend();
        _machine.Acpi.GpeStatus[1] = 0x20;
        Tick();
        Assert.Equal(CpuWait.Halted, Cpu.Wait);
    }

    [Fact]
    public void Wake_Machine_IsAsAfterASwitch()
    {
        _drive.StartDevice();
        _machine.Acpi.Enable = 0x0120;
        _machine.Suspend();
        _machine.Acpi.Status |= 0x0100;
        Tick();
        _machine.Settle();
        Assert.True(_drive.IsSilent);
        Assert.True(_machine.Acpi.IsQuiet);
        Assert.True(_machine.Hpet.IsQuiet);
        Assert.All(_machine.Cpus, cpu => Assert.True(cpu.Apic.IsQuiet(allowsVirtualWire: cpu.Index == 0)));
        Assert.All(_machine.Cpus.Skip(1), cpu => Assert.Equal(CpuActivity.WaitingForStartup, cpu.Virtual.Activity));
    }

    /// <summary>Requested on another CPU, it is that one which sleeps for all; the boot CPU wakes.</summary>
    [Fact]
    public void Sleep_FromAnotherCpu_WakesOnTheBootCpu()
    {
        _machine.SetVector(GuestRunner.VectorOf(1));
        _machine.Cpus[2].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        _machine.Settle();
        Assert.Equal(CpuWait.Halted, _machine.Cpus[2].Wait);
        _machine.Acpi.Status |= 0x0100;
        _machine.Cpus[2].Resume();
        _machine.Settle();
        Assert.Equal(GuestRunner.VectorOf(1), Cpu.Vmcb.Cs.Base + Cpu.Vmcb.Rip);
        Assert.Equal(CpuActivity.WaitingForStartup, _machine.Cpus[2].Virtual.Activity);
    }

    /// <summary>As a firmware that finds nothing to wake starts the system anew.</summary>
    [Fact]
    public void Sleep_WithoutWakingVector_IsTheEndOfTheLastGuest()
    {
        Cpu.Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        _machine.Settle();
        Assert.Equal(MachineEnd.Reset, _machine.End);
        Assert.Contains("WARN the guest sleeps without a waking vector: its session is over", _machine.Log);
    }

    public void Dispose() => _machine.Dispose();

    private void Tick() => Cpu.Resume();

    private void AssertWakes(string reason, uint status)
    {
        Tick();
        _machine.Settle();
        Assert.Equal($"INFO wake guest=1 reason={reason}", _machine.Log[^1]);
        Assert.Equal((DomainPhase.Active, 1), (_machine.Guest(1).Phase, _machine.ActiveGuest));
        Assert.Equal(GuestRunner.VectorOf(1), Cpu.Vmcb.Cs.Base + Cpu.Vmcb.Rip);
        Assert.Equal(status, Cpu.In(GuestRunner.Pm1Event, 2));
    }
}

using System.Linq;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

/// <summary>The switch on S3.</summary>
public class GuestSwitchTests
{
    [Fact]
    public void Suspend_FirstTime_ContinuesTheParkedGuest()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Suspend();

        FakeCpu cpu = machine.Cpus[0];
        Assert.Equal((DomainPhase.Suspended, DomainPhase.Active), (machine.Guest(0).Phase, machine.Guest(1).Phase));
        Assert.Equal(MemoryLayout.Partition(1) + MemoryLayout.Code + 3, cpu.Vmcb.Rip);
        Assert.Equal((0UL, 0xB0B0_0001UL), (cpu.Vmcb.Rax, cpu.Virtual.Registers.Rbx));
        Assert.All(machine.Cpus, each => Assert.Equal(machine.Guest(1).NestedRoot.Value, each.Vmcb.NestedCr3));
    }

    [Fact]
    public void Suspend_ThereAndBack_WakesAtTheWakingVector()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Suspend();
        machine.Cpus[0].Virtual.Registers.R9 = 0x5EC2E7;
        machine.Cpus[0].Virtual.Fpu.Mxcsr = 0x1FA0;
        machine.Suspend();

        FakeCpu cpu = machine.Cpus[0];
        Assert.Equal((DomainPhase.Active, DomainPhase.Suspended), (machine.Guest(0).Phase, machine.Guest(1).Phase));
        Assert.Equal(GuestRunner.VectorOf(0), cpu.Vmcb.Cs.Base + cpu.Vmcb.Rip);
        Assert.Equal(0UL, cpu.Vmcb.Cr0 & Cr0.ProtectedMode);
        Assert.Equal((0UL, 0x1F80u), (cpu.Virtual.Registers.R9, cpu.Virtual.Fpu.Mxcsr));
        Assert.All(machine.Cpus, each => Assert.Equal(machine.Guest(0).NestedRoot.Value, each.Vmcb.NestedCr3));
    }

    /// <summary>From whichever CPU the request comes, and whether the others run or were never started.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(4, 0)]
    [InlineData(4, 3)]
    public void Suspend_AnyCpu_LeavesTheBootCpuRunningAndTheOthersWaiting(int cpus, int requester)
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Cpus = cpus }).Launch().BootGuests();
        machine.StartCpus();
        machine.SetVector(GuestRunner.VectorOf(0));
        machine.Cpus[requester].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        machine.Settle();

        Assert.Equal(1, machine.ActiveGuest);
        Assert.Equal(CpuActivity.Running, machine.Cpus[0].Virtual.Activity);
        Assert.All(machine.Cpus.Skip(1), cpu => Assert.Equal(CpuActivity.WaitingForStartup, cpu.Virtual.Activity));
        Assert.All(machine.Cpus, cpu => Assert.Equal(CpuWait.InGuest, cpu.Wait));
        Assert.Equal((0, 0), (machine.Hypervisor.SwitchLock, machine.Hypervisor.StoppedCpus));
    }

    [Fact]
    public void Suspend_ThreeGuests_GoesRound()
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Guests = 3 }).Launch().BootGuests();
        int[] order = new int[6];
        for (int i = 0; i < order.Length; i++)
        {
            machine.Suspend();
            order[i] = machine.ActiveGuest;
        }
        Assert.Equal([1, 2, 0, 1, 2, 0], order);
    }

    /// <summary>
    /// ACPI 6.5, 4.8.3.1.1: WAK_STS, and the power button so that Windows lights the screen. Gone once the guest has cleared them.
    /// </summary>
    [Fact]
    public void Suspend_WokenGuest_FindsWakeStatusUntilItClearsIt()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Suspend();
        machine.Suspend();
        FakeCpu cpu = machine.Cpus[0];

        Assert.Equal(0x8100u, cpu.In(GuestRunner.Pm1Event, 2));
        Assert.Equal(0x8100u, cpu.In(GuestRunner.Pm1Event, 4) & 0xFFFF);
        Assert.Equal(0x81u, cpu.In(GuestRunner.Pm1Event + 1, 1));
        cpu.Out(GuestRunner.Pm1Event, 0x8000, 2);
        Assert.Equal(0x0100u, cpu.In(GuestRunner.Pm1Event, 2));
        Assert.True(cpu.IsPortIntercepted(GuestRunner.Pm1Event, 2));
        cpu.Out(GuestRunner.Pm1Event + 1, 0x01, 1);
        Assert.Equal(0u, cpu.In(GuestRunner.Pm1Event, 2));
        Assert.False(cpu.IsPortIntercepted(GuestRunner.Pm1Event, 2));
    }

    /// <summary>A guest that boots never slept.</summary>
    [Fact]
    public void Suspend_ParkedGuest_FindsNoWakeStatus()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Suspend();
        Assert.Equal(0u, machine.Cpus[0].In(GuestRunner.Pm1Event, 2));
        Assert.False(machine.Cpus[0].IsPortIntercepted(GuestRunner.Pm1Event, 2));
    }

    /// <summary>What a woken guest did not clear is not shown to the next one.</summary>
    [Fact]
    public void Suspend_WithWakeStatusLeft_ShowsItToNobodyElse()
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Guests = 3 }).Launch().BootGuests();
        machine.Suspend();
        machine.SetVector(GuestRunner.VectorOf(1));
        machine.Cpus[0].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        machine.Settle();
        Assert.Equal(2, machine.ActiveGuest);
        Assert.Equal(0u, machine.Cpus[0].In(GuestRunner.Pm1Event, 2));
    }

    [Fact]
    public void Suspend_Devices_AreSilent()
    {
        using FakeMachine machine = new();
        FakePciFunction drive = machine.Pci.Add(new FakePciFunction(null, 3, 0, 0x0108, isBridge: false));
        machine.Launch().BootGuests();
        machine.StartCpus();
        drive.StartDevice();
        machine.IoApics.Values.First().Entries[4] = 0x0000_0000_0000_0024;
        machine.Hpet[0x100] |= 4;
        machine.Legacy.MasterPic.Mask = 0xFB;
        machine.Legacy.ClockControl = 0x70;
        machine.Acpi.Enable = 0x0120;
        machine.Acpi.GpeEnable[0] = 0x10;
        foreach (FakeCpu cpu in machine.Cpus)
        {
            cpu.Apic[ApicRegister.LvtTimer] = 0x2_00EC;
            cpu.Apic[ApicRegister.TimerInitialCount] = 1000;
            cpu.Apic.Pending.Add(0xEC);
            cpu.Apic.InService.Add(0x51);
        }
        machine.Suspend();

        Assert.True(drive.IsSilent);
        Assert.All(machine.IoApics.Values, ioApic => Assert.True(ioApic.IsQuiet));
        Assert.True(machine.Hpet.IsQuiet);
        Assert.True(machine.Legacy.IsQuiet);
        Assert.True(machine.Acpi.IsQuiet);
        Assert.All(machine.Cpus, cpu => Assert.True(cpu.Apic.IsQuiet(allowsVirtualWire: cpu.Index == 0)));
    }

    /// <summary>A guest that wakes restores its own devices; only one that boots gets them as the firmware left them.</summary>
    [Fact]
    public void Suspend_PciHeaders_AreRestoredForABootOnly()
    {
        using FakeMachine machine = new();
        FakePciFunction drive = machine.Pci.Add(new FakePciFunction(null, 3, 0, 0x0108, isBridge: false));
        drive.Set(0x10, 4, 0xF000_0000);
        machine.Launch().BootGuests();
        drive.SetPowerState(3);
        machine.Suspend();
        Assert.Equal((0, 0xF000_0000), (drive.PowerState, drive.Get(0x10, 4)));

        drive.Set(0x10, 4, 0xE000_0000);
        drive.SetPowerState(3);
        machine.Pci.Writes.Clear();
        machine.Suspend();
        Assert.Equal((3, 0xE000_0000), (drive.PowerState, drive.Get(0x10, 4)));
        Assert.Empty(machine.Pci.Writes);
    }

    /// <summary>Floating point, debug registers, memory types, speculation controls: nobody finds another's.</summary>
    [Fact]
    public void Suspend_CpuRegisters_AreAsAfterReset()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.StartCpus();
        foreach (FakeCpu cpu in machine.Cpus)
        {
            cpu.Msrs[Msr.MtrrDefType] = 0x800;
            cpu.Msrs[Msr.TscAux] = 7;
            cpu.Msrs[Msr.Xss] = 0x100;
            cpu.Msrs[Msr.DebugCtl] = 1;
            cpu.Msrs[Msr.SpecCtrl] = 1;
            cpu.Msrs.ApicBase |= ApicBase.X2ApicEnable;
            cpu.IsExtendedStateInitial = false;
            cpu.AreDebugRegistersInitial = false;
        }
        machine.Suspend();

        Assert.All(machine.Cpus, cpu =>
        {
            Assert.Equal((0xC06UL, 0UL, 0UL, 0UL, 0UL),
                (cpu.Msrs[Msr.MtrrDefType], cpu.Msrs[Msr.TscAux], cpu.Msrs[Msr.Xss], cpu.Msrs[Msr.DebugCtl], cpu.Msrs[Msr.SpecCtrl]));
            Assert.Equal(FakeMachine.LocalApicBase | 0x800 | (cpu.Index == 0 ? 0x100u : 0), cpu.Msrs.ApicBase);
            Assert.True(cpu.IsExtendedStateInitial && cpu.AreDebugRegistersInitial);
            Assert.Equal(Msr.PatAfterReset, cpu.Vmcb.GuestPat);
        });
    }

    /// <summary>A CPU without RDTSCP, XSAVES and speculation controls has none of these registers.</summary>
    [Fact]
    public void Suspend_CpuWithFewFeatures_TouchesNoRegisterThatItLacks()
    {
        using FakeMachine machine = new();
        machine.Cpuid[0x8000_0001] = new CpuidResult { Ecx = 4 };
        machine.Cpuid[1] = machine.Cpuid[1] with { Ecx = 0 };
        foreach (FakeCpu cpu in machine.Cpus)
        {
            foreach (uint register in new[] { Msr.TscAux, Msr.Xss, Msr.DebugCtl, Msr.SpecCtrl })
                cpu.Msrs.Remove(register);
        }
        machine.Launch().BootGuests();
        machine.Suspend();
        Assert.Equal(1, machine.ActiveGuest);
    }

    /// <summary>Promise 2: bit for bit, whatever the others did meanwhile.</summary>
    [Fact]
    public void Suspend_MemoryOfTheSleeper_IsUntouched()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Suspend();
        byte[] before = GuestRunner.PartitionOf(0);
        machine.StartCpus();
        machine.Cpus[1].Write(MemoryLayout.Partition(0) + MemoryLayout.Data, 0xBAD);
        machine.Cpus[0].Write(MemoryLayout.LowCopy, 0xBAD);
        Assert.Equal(before, GuestRunner.PartitionOf(0));
    }

    [Fact]
    public void Suspend_Log_HasTheLinesThatTheRunnerReads()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.StartCpus();
        machine.Log.Clear();
        machine.Suspend();
        machine.Cpus[0].Cpuid(0);

        Assert.Equal("STEP s3 guest=0 name=\"guest 0\"", machine.Log[0]);
        Assert.Matches(@"^STEP switch n=1 from=0 to=1 first=1 reason=s3 ticks=\d+$", machine.Log[1]);
        Assert.Matches(@"^INFO exits guest=0 IO=\d+ APIC=\d+ .*tsc=\d+$", machine.Log[2]);
        Assert.Equal("INFO cpus guest=0 entered=2", machine.Log[3]);
        Assert.Equal(4, machine.Log.Count);

        machine.Suspend();
        machine.Cpus[0].Cpuid(0);
        Assert.Matches(@"^STEP switch n=2 from=1 to=0 first=0 reason=s3 ticks=\d+$", machine.Log[5]);
        Assert.Equal("INFO cpus guest=1 entered=1", machine.Log[7]);
    }
}

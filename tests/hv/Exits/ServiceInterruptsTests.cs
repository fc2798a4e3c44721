using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Hv.Vmx.Definitions;
using Switcher.Tests.Hv.Machine;
using Switcher.Tests.Hv.Switch;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

/// <summary>What comes to a CPU of a guest while it executes the firmware: it is for the guest, and waits.</summary>
public class ServiceInterruptsTests
{
    private const ulong Nmi = 0x8000_0202;
    private const ulong Status = 0x8000_0000_0000_000E;
    private const ulong VirtualInterruptMasking = 1 << 24;
    private const uint Init = 0x4500;
    private const uint Startup = 0x469A;

    public static TheoryData<string?> Vendors => [null, VmxModels.SkylakeX];

    [Theory]
    [MemberData(nameof(Vendors))]
    public void Nmi_DuringAService_IsTheGuestsAfterwards(string? vmxModel)
    {
        using FakeMachine machine = Running(vmxModel);
        FakeCpu cpu = machine.Cpus[1];
        cpu.CallFirmware();
        cpu.IsNmiPending = true;
        machine.Settle();
        cpu.Cpuid(0);
        Assert.Equal((CpuWait.InGuest, true, false), (cpu.Wait, cpu.Virtual.IsInFirmware, cpu.IsNmiPending));
        Assert.Empty(cpu.Injected);
        cpu.Answer(FirmwareAnswer.Done, Status);
        machine.Settle();
        Assert.Equal([Nmi], cpu.Injected);
        Assert.Equal((Status, 0), (cpu.Rax, cpu.Virtual.DeferredNmi));
    }

    /// <summary>A guest that traces its branches goes on with that.</summary>
    [Fact]
    public void DebugControls_OfACallerOnVmx_AreThereAfterwards()
    {
        using FakeMachine machine = Running(VmxModels.SkylakeX);
        FakeCpu cpu = machine.Cpus[0];
        cpu.Vmx.Vmcs.Set(VmcsGuest.DebugCtl, 3UL);
        cpu.CallFirmware();
        Assert.Equal(0UL, cpu.Vmx.Vmcs.Get(VmcsGuest.DebugCtl));
        cpu.Answer(FirmwareAnswer.Done);
        Assert.Equal(3UL, cpu.Vmx.Vmcs.Get(VmcsGuest.DebugCtl));
    }

    /// <summary>It was the old guest's.</summary>
    [Theory]
    [MemberData(nameof(Vendors))]
    public void Nmi_DuringAServiceThatASwitchFollows_ReachesNobody(string? vmxModel)
    {
        using FakeMachine machine = Running(vmxModel);
        machine.Cpus[0].CallFirmware();
        machine.Cpus[0].IsNmiPending = true;
        machine.Settle();
        machine.Cpus[0].Answer(FirmwareAnswer.Shutdown);
        machine.Settle();
        Assert.Equal(1, machine.ActiveGuest);
        Assert.Empty(machine.Cpus[0].Injected);
    }

    [Theory]
    [InlineData(null, false, CpuActivity.WaitingForStartup)]
    [InlineData(null, true, CpuActivity.Running)]
    [InlineData(VmxModels.SkylakeX, false, CpuActivity.WaitingForStartup)]
    public void Init_DuringAService_IsCarriedOutAfterwards(string? vmxModel, bool hasStartup, CpuActivity activity)
    {
        using FakeMachine machine = Running(vmxModel);
        FakeCpu cpu = machine.Cpus[1];
        cpu.CallFirmware();
        machine.Cpus[0].SendInterrupt(Startup, cpu.ApicId);
        machine.Settle();
        machine.Cpus[0].SendInterrupt(Init, cpu.ApicId);
        machine.Settle();
        if (hasStartup)
            machine.Cpus[0].SendInterrupt(Startup, cpu.ApicId);
        machine.Settle();
        cpu.Cpuid(0);
        Assert.Equal((true, CpuActivity.Running), (cpu.Virtual.IsInFirmware, cpu.Virtual.Activity));

        cpu.Answer(FirmwareAnswer.Done);
        machine.Settle();
        Assert.Equal((false, activity), (cpu.Virtual.IsInFirmware, cpu.Virtual.Activity));
        if (hasStartup)
            Assert.Equal(0x9A000UL, cpu.State.Cs.Base + cpu.State.Rip);
        machine.Cpus[0].CallFirmware();
        Assert.True(machine.Cpus[0].Virtual.IsInFirmware);
    }

    /// <summary>APM vol. 2, 15.21.1: whatever the firmware does to RFLAGS.IF, interrupts wait for the guest.</summary>
    [Fact]
    public void Interrupts_DuringAServiceOnSvm_AreMaskedByTheHost()
    {
        using FakeMachine machine = Running(null);
        FakeCpu cpu = machine.Cpus[0];
        AssertNotHeld(cpu);
        cpu.CallFirmware();
        Assert.Equal(VirtualInterruptMasking, cpu.Vmcb.VirtualInterrupt);
        AssertNotHeld(machine.Cpus[1]);
        cpu.WriteMsr(Msr.Efer, Efer.LongModeEnable | Efer.NoExecuteEnable | Efer.LongModeActive | Efer.SystemCallExtensions);
        OrIntoForeignMemory(cpu);
        Assert.Equal(VirtualInterruptMasking, cpu.Vmcb.VirtualInterrupt);
        cpu.Answer(FirmwareAnswer.Done);
        AssertNotHeld(cpu);
    }

    [Theory]
    [InlineData(false, 0x20u, 0x700u)]
    [InlineData(false, 0u, 0x1_0700u)]
    [InlineData(true, 0x40u, 0x700u)]
    public void Interrupts_DuringAServiceOnVmx_AreHeldByTheLocalApic(bool isX2Apic, uint taskPriority, uint lint0)
    {
        using FakeMachine machine = Running(VmxModels.SkylakeX);
        FakeCpu cpu = machine.Cpus[0];
        if (isX2Apic)
            cpu.Msrs.ApicBase |= ApicBase.X2ApicEnable;
        cpu.Apic[ApicRegister.TaskPriority] = taskPriority;
        cpu.Apic[ApicRegister.LvtLint0] = lint0;
        cpu.CallFirmware();
        Assert.Equal((0xFFu, lint0 | 0x1_0000), (cpu.Apic[ApicRegister.TaskPriority], cpu.Apic[ApicRegister.LvtLint0]));
        OrIntoForeignMemory(cpu);
        Assert.Equal((0xFFu, lint0 | 0x1_0000), (cpu.Apic[ApicRegister.TaskPriority], cpu.Apic[ApicRegister.LvtLint0]));
        cpu.Answer(FirmwareAnswer.Done);
        Assert.Equal((taskPriority, lint0), (cpu.Apic[ApicRegister.TaskPriority], cpu.Apic[ApicRegister.LvtLint0]));
    }

    /// <summary>A system may ask from the handler of a non-maskable interrupt, as it dies; it is still in there afterwards.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Call_FromAnNmiHandlerOnVmx_ComesBackIntoIt(bool isAnotherDue)
    {
        using FakeMachine machine = Running(VmxModels.SkylakeX);
        FakeCpu cpu = machine.Cpus[0];
        for (int i = 0; i < (isAnotherDue ? 2 : 1); i++)
        {
            cpu.IsNmiPending = true;
            machine.Settle();
        }
        Assert.Equal((1, isAnotherDue), (cpu.Injected.Count, IsWindowOpen(cpu)));
        cpu.CallFirmware();
        Assert.Equal((Interruptibility.None, false), (cpu.Vmx.Vmcs.Get(VmcsGuest.Interruptibility), IsWindowOpen(cpu)));
        cpu.Answer(FirmwareAnswer.Done);
        machine.Settle();
        Assert.Equal((Interruptibility.BlockedByNmi, isAnotherDue), (cpu.Vmx.Vmcs.Get(VmcsGuest.Interruptibility), IsWindowOpen(cpu)));
        Assert.Single(cpu.Injected);

        cpu.Vmx.Vmcs.Set(VmcsGuest.Interruptibility, Interruptibility.None);
        machine.Settle();
        Assert.Equal(isAnotherDue ? [Nmi, Nmi] : [Nmi], cpu.Injected);
    }

    /// <summary>The second one comes in the service.</summary>
    [Fact]
    public void Nmi_DuringAServiceForAnNmiHandlerOnVmx_WaitsForTheHandlersEnd()
    {
        using FakeMachine machine = Running(VmxModels.SkylakeX);
        FakeCpu cpu = machine.Cpus[0];
        cpu.IsNmiPending = true;
        machine.Settle();
        cpu.CallFirmware();
        cpu.IsNmiPending = true;
        machine.Settle();
        cpu.Answer(FirmwareAnswer.Done);
        machine.Settle();
        Assert.Equal((1, true), (cpu.Injected.Count, IsWindowOpen(cpu)));
        cpu.Vmx.Vmcs.Set(VmcsGuest.Interruptibility, Interruptibility.None);
        machine.Settle();
        Assert.Equal([Nmi, Nmi], cpu.Injected);
    }

    /// <summary>An instruction that the hypervisor carries out changes nothing about what the guest waits for.</summary>
    [Fact]
    public void Store_CarriedOutInAnNmiHandlerOnVmx_KeepsTheNextNmiWaiting()
    {
        using FakeMachine machine = Running(VmxModels.SkylakeX);
        FakeCpu cpu = machine.Cpus[0];
        for (int i = 0; i < 2; i++)
        {
            cpu.IsNmiPending = true;
            machine.Settle();
        }
        OrIntoForeignMemory(cpu);
        machine.Settle();
        Assert.Equal((Interruptibility.BlockedByNmi, true), (cpu.Vmx.Vmcs.Get(VmcsGuest.Interruptibility), IsWindowOpen(cpu)));
        Assert.Single(cpu.Injected);
    }

    /// <summary>A guest with all its CPUs: two, and one to watch those.</summary>
    internal static FakeMachine Running(string? vmxModel, int cpus = 3)
    {
        FakeMachine machine = new FakeMachine(new MachineOptions { Cpus = cpus, VmxModel = vmxModel }).Launch().BootGuests();
        machine.StartCpus();
        machine.Settle();
        return machine;
    }

    internal static void AssertNotHeld(FakeCpu cpu)
        => Assert.Equal(0UL, cpu.HasVmx ? cpu.Apic[ApicRegister.TaskPriority] : cpu.Vmcb.VirtualInterrupt);

    private static bool IsWindowOpen(FakeCpu cpu)
        => (cpu.Vmx.Vmcs.Get(VmcsControl.PrimaryControls) & PrimaryControls.NmiWindowExiting) != 0;

    /// <summary>OR [10000000h], EAX: the hypervisor carries it out and sets the flags.</summary>
    private static void OrIntoForeignMemory(FakeCpu cpu)
        => cpu.Store(MemoryLayout.Hypervisor, 1, [0x09, 0x04, 0x25, 0x00, 0x00, 0x00, 0x10]);
}

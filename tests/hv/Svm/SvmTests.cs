using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Hv.Vendor;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Svm;

public class SvmTests
{
    [Fact]
    public void Check_WithSvmAndNestedPaging_Succeeds()
    {
        using FakeMachine machine = new();
        Assert.Equal(Status.Success, Svm<FakePlatform>.Check());
    }

    [Fact]
    public void Check_WithoutSvmFeature_NamesIt()
    {
        using FakeMachine machine = new();
        machine.Cpuid[0x8000_0001] = new CpuidResult { Ecx = ~4u };
        Assert.Equal(Status.NoVirtualization, Svm<FakePlatform>.Check());
    }

    /// <summary>A CPU of another vendor has neither the leaf nor the MSR.</summary>
    [Fact]
    public void Check_WithoutSvmLeaf_NamesIt()
    {
        using FakeMachine machine = new();
        machine.Cpuid[0x8000_0000] = new CpuidResult { Eax = 0x8000_0008 };
        Assert.Equal(Status.NoVirtualization, Svm<FakePlatform>.Check());
    }

    [Fact]
    public void Check_SwitchedOffByFirmware_NamesIt()
    {
        using FakeMachine machine = new();
        machine.Cpus[0].Msrs[Msr.VmCr] = 0x18;
        Assert.Equal(Status.VirtualizationDisabled, Svm<FakePlatform>.Check());
    }

    /// <summary>QEMU's TCG has SVM without the register that could switch it off.</summary>
    [Fact]
    public void Check_WithoutVmCr_Succeeds()
    {
        using FakeMachine machine = new();
        machine.Cpus[0].Msrs.Remove(Msr.VmCr);
        Assert.Equal(Status.Success, Svm<FakePlatform>.Check());
    }

    [Fact]
    public void Check_WithoutNestedPaging_NamesIt()
    {
        using FakeMachine machine = new();
        machine.Cpuid[0x8000_000A] = new CpuidResult { Eax = 1, Ebx = 0x10, Edx = 0 };
        Assert.Equal(Status.NoNestedPaging, Svm<FakePlatform>.Check());
    }

    /// <summary>Promise 5: no exits on interrupts, control registers, HLT or page faults.</summary>
    [Fact]
    public void EnableCpu_ControlBlock_InterceptsTheseAndNoOthers()
    {
        using FakeMachine machine = new();
        FakeCpu cpu = machine.Cpus[0];
        Assert.Equal(Status.Success, Svm<FakePlatform>.EnableCpu(ref machine.Hypervisor, ref cpu.Virtual));

        Assert.Equal(SvmIntercepts1.Nmi | SvmIntercepts1.Smi | SvmIntercepts1.Cpuid | SvmIntercepts1.Invlpga | SvmIntercepts1.Io
            | SvmIntercepts1.Msr | SvmIntercepts1.Shutdown,
            cpu.Vmcb.Intercepts1);
        Assert.Equal(0x7Fu, (uint)cpu.Vmcb.Intercepts2);
        Assert.Equal(machine.Hypervisor.IoBitmap.Value, cpu.Vmcb.IopmBasePa);
        Assert.Equal(machine.Hypervisor.MsrBitmap.Value, cpu.Vmcb.MsrpmBasePa);
        Assert.Equal(1UL, cpu.Vmcb.NestedControl);
        Assert.Equal(0UL, cpu.Vmcb.VirtualInterrupt);
        Assert.Equal(cpu.Virtual.SecondVendorPage.Value, cpu.Msrs[Msr.VmHsavePa]);
        Assert.Equal(0x1D00UL, cpu.Msrs[Msr.Efer]);
    }

    [Fact]
    public void DisableCpu_AfterEnable_LeavesTheMsrsAsTheyWere()
    {
        using FakeMachine machine = new();
        FakeCpu cpu = machine.Cpus[0];
        Svm<FakePlatform>.EnableCpu(ref machine.Hypervisor, ref cpu.Virtual);
        Svm<FakePlatform>.DisableCpu(ref cpu.Virtual);
        Assert.Equal((0xD00UL, 0UL), (cpu.Msrs[Msr.Efer], cpu.Msrs[Msr.VmHsavePa]));
    }

    /// <summary>hlt; jmp to it. Interrupts are off there, and any that is not the hypervisor's only makes it halt again.</summary>
    [Fact]
    public void InitializeMachine_WaitPage_HaltsForEver()
    {
        using FakeMachine machine = new();
        Svm<FakePlatform>.InitializeMachine(ref machine.Hypervisor);
        Assert.Equal([0xF4, 0xEB, 0xFD], FakePlatform.Bytes(machine.Hypervisor.WaitPage, 3).ToArray());
    }

    [Fact]
    public void WaitForStartup_Cpu_ExecutesTheWaitPageWithInterruptsOff()
    {
        using FakeMachine machine = new();
        FakeCpu cpu = machine.Cpus[1];
        Svm<FakePlatform>.WaitForStartup(ref machine.Hypervisor, ref cpu.Virtual);
        Assert.Equal(machine.Hypervisor.WaitPage.Value, cpu.Vmcb.Cs.Base + cpu.Vmcb.Rip);
        Assert.Equal(Rflags.AlwaysOne, cpu.Vmcb.Rflags);
        Assert.Equal(TlbControl.FlushAll, cpu.Vmcb.TlbControl);
    }

    [Fact]
    public void SetNestedRoot_Any_FlushesTheTranslationsOfTheOldOne()
    {
        using FakeMachine machine = new();
        FakeCpu cpu = machine.Cpus[0];
        Svm<FakePlatform>.SetNestedRoot(ref cpu.Virtual, new HostPhysicalAddress(0x1234_5000));
        Assert.Equal((0x1234_5000UL, TlbControl.FlushAll), (cpu.Vmcb.NestedCr3, cpu.Vmcb.TlbControl));
    }

    [Fact]
    public void LoadState_Any_ForgetsShadowAndEventsOfTheOldOne()
    {
        using FakeMachine machine = new();
        FakeCpu cpu = machine.Cpus[0];
        cpu.Vmcb.InterruptShadow = 1;
        cpu.Vmcb.EventInjection = EventInjection.Of(GuestEvent.NonMaskableInterrupt);
        Svm<FakePlatform>.LoadState(ref cpu.Virtual, CpuStates.LongMode(MemoryLayout.Firmware));
        Assert.Equal((0UL, 0UL, TlbControl.FlushAll), (cpu.Vmcb.InterruptShadow, cpu.Vmcb.EventInjection, cpu.Vmcb.TlbControl));
        Assert.Equal(MemoryLayout.Firmware + MemoryLayout.Code, cpu.Virtual.Registers.Rsp);
    }

    /// <summary>For processors whose VMRUN does not load it.</summary>
    [Fact]
    public void LoadState_Any_PutsCr2IntoTheRegisterAsWell()
    {
        using FakeMachine machine = new();
        FakeCpu cpu = machine.Cpus[0];
        cpu.Vmx.Cr2 = 0x1234;
        Svm<FakePlatform>.LoadState(ref cpu.Virtual, CpuStates.LongMode(MemoryLayout.Firmware) with { Cr2 = 0x5678 });
        Assert.Equal((0x5678UL, 0x5678UL), (cpu.Vmx.Cr2, cpu.Vmcb.Cr2));
    }

    /// <summary>The instruction behind STI may be interrupted once it is skipped.</summary>
    [Fact]
    public void SetRip_InAnInterruptShadow_EndsIt()
    {
        using FakeMachine machine = new();
        FakeCpu cpu = machine.Cpus[0];
        cpu.Vmcb.InterruptShadow = 1;
        Svm<FakePlatform>.SetRip(ref cpu.Virtual, 0x1000);
        Assert.Equal((0x1000UL, 0UL), (cpu.Vmcb.Rip, cpu.Vmcb.InterruptShadow));
    }
}

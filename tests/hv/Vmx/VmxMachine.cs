using System;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;
using Switcher.Tests.Hv.Machine;

namespace Switcher.Tests.Hv.Vmx;

/// <summary>One CPU in VMX operation, with a guest in its VMCS, for tests that look at the VMCS before and after one step.</summary>
internal static class VmxMachine
{
    /// <summary>A machine whose boot CPU has a current VMCS with a guest in 64-bit mode.</summary>
    public static FakeMachine Create(string model = VmxModels.SkylakeX)
    {
        var machine = new FakeMachine(new MachineOptions { VmxModel = model });
        FakeCpu cpu = machine.Cpus[0];
        Vmx<FakePlatform>.InitializeMachine(ref machine.Hypervisor);
        if (Vmx<FakePlatform>.EnableCpu(ref machine.Hypervisor, ref cpu.Virtual) != Status.Success)
            throw new InvalidOperationException("no VMX");
        Vmx<FakePlatform>.LoadState(ref cpu.Virtual, CpuStates.LongMode(MemoryLayout.Firmware));
        Vmx<FakePlatform>.SetNestedRoot(ref cpu.Virtual, machine.Domain(Domain.Firmware).NestedRoot);
        cpu.RunUntil(VmxExitReason.NmiWindow);
        cpu.Vmx.Vmcs.IsLaunched = cpu.Own().IsLaunched = false;
        cpu.Vmx.VpidInvalidations = 0;
        return machine;
    }

    public static ref VmxCpu Own(this FakeCpu cpu) => ref FakePlatform.At<VmxCpu>(cpu.Virtual.SecondVendorPage);

    /// <summary>The guest executes until it exits for that reason, and the back end makes of it what it does.</summary>
    public static VmExit RunUntil(this FakeCpu cpu, VmxExitReason reason, ulong qualification = 0, int length = 0,
        Action<FakeVmcs>? record = null)
    {
        cpu.OnGuest = () =>
        {
            cpu.Vmx.Vmcs.SetExit((uint)reason, qualification, length);
            record?.Invoke(cpu.Vmx.Vmcs);
        };
        VmExit exit = Vmx<FakePlatform>.Run(ref cpu.Virtual);
        cpu.OnGuest = null;
        return exit;
    }

}

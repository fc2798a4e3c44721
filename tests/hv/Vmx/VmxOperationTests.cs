using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Vmx;

/// <summary>SDM vol. 3, 24.7 "Enabling and Entering VMX Operation".</summary>
public class VmxOperationTests
{
    private const ulong Vmxe = Cr4.VirtualMachineExtensions;

    [Theory]
    [InlineData(0u, 5u)]
    [InlineData(2u, 7u)]
    [InlineData(4u, 5u)]
    [InlineData(5u, 5u)]
    [InlineData(7u, 7u)]
    public void Enter_FeatureControlUnlockedOrOn_LeavesItLockedOn(uint before, uint after)
    {
        using FakeMachine machine = Machine(before);
        FakeCpu cpu = machine.Cpus[0];
        Assert.Equal(Status.Success, Vmx<FakePlatform>.VmxOperation.Enter(ref cpu.Virtual));
        Assert.Equal(after, cpu.Msrs[VmxMsr.FeatureControl]);
        Assert.True(cpu.Vmx.IsOn && cpu.Vmx.HasVmcs);
        Assert.Equal(before != after, cpu.Msrs.Writes.Contains((VmxMsr.FeatureControl, after)));
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(3u)]
    public void Enter_LockedOff_SaysSoAndChangesNothing(uint value)
    {
        using FakeMachine machine = Machine(value);
        FakeCpu cpu = machine.Cpus[0];
        ulong cr4 = cpu.Vmx.Cr4;
        Assert.Equal(Status.VirtualizationDisabled, Vmx<FakePlatform>.Check());
        Assert.Equal(Status.VirtualizationDisabled, Vmx<FakePlatform>.VmxOperation.Enter(ref cpu.Virtual));
        Assert.Equal((false, cr4), (cpu.Vmx.IsOn, cpu.Vmx.Cr4));
        Assert.Empty(cpu.Msrs.Writes);
    }

    [Fact]
    public void Check_WithoutVmxFeature_NamesIt()
    {
        using FakeMachine machine = Machine(0);
        machine.Cpuid[1] = new CpuidResult { Ecx = ~(1u << 5) };
        Assert.Equal(Status.NoVirtualization, Vmx<FakePlatform>.Check());
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(5u)]
    public void Check_GoodCpu_SucceedsAndChangesNothing(uint value)
    {
        using FakeMachine machine = Machine(value);
        Assert.Equal(Status.Success, Vmx<FakePlatform>.Check());
        Assert.Empty(machine.Cpus[0].Msrs.Writes);
    }

    /// <summary>The host's own code needs the floating-point unit, and read-only pages that are.</summary>
    [Fact]
    public void Enter_HostRegisters_AreWhatVmxAndTheHypervisorNeed()
    {
        using FakeMachine machine = Machine(5);
        FakeCpu cpu = machine.Cpus[0];
        cpu.Vmx.Cr0 = Cr0.Paging | Cr0.ProtectedMode | Cr0.Emulation | Cr0.TaskSwitched;
        Vmx<FakePlatform>.VmxOperation.Enter(ref cpu.Virtual);
        Assert.Equal(Cr0.Paging | Cr0.ProtectedMode | Cr0.NumericError | Cr0.MonitorCoprocessor | Cr0.WriteProtect, cpu.Vmx.Cr0);
        Assert.NotEqual(0UL, cpu.Vmx.Cr4 & Vmxe);
        Assert.Equal((0x2Bu, 0x2Bu), (FakePlatform.At<uint>(cpu.Virtual.FirstVendorPage), FakePlatform.At<uint>(cpu.Virtual.ControlBlock)));
    }

    /// <summary>Somebody else is in VMX operation already: VMXON fails, and everything is as it was.</summary>
    [Fact]
    public void Enter_VmxonFails_IsRefused()
    {
        using FakeMachine machine = Machine(5);
        FakeCpu cpu = machine.Cpus[0];
        Vmx<FakePlatform>.VmxOperation.Enter(ref cpu.Virtual);
        Assert.Equal(Status.VirtualizationRefused, Vmx<FakePlatform>.VmxOperation.Enter(ref cpu.Virtual));
    }

    [Fact]
    public void Leave_AfterEnter_SwitchesVmxOff()
    {
        using FakeMachine machine = Machine(5);
        FakeCpu cpu = machine.Cpus[0];
        Vmx<FakePlatform>.VmxOperation.Enter(ref cpu.Virtual);
        Vmx<FakePlatform>.DisableCpu(ref cpu.Virtual);
        Assert.Equal((false, false, 0UL), (cpu.Vmx.IsOn, cpu.Vmx.HasVmcs, cpu.Vmx.Cr4 & Vmxe));
    }

    private static FakeMachine Machine(uint featureControl)
    {
        var machine = new FakeMachine(new MachineOptions { VmxModel = VmxModels.SkylakeX });
        machine.Cpus[0].Msrs[VmxMsr.FeatureControl] = featureControl;
        return machine;
    }
}

using System;
using System.Collections.Generic;
using System.Text;
using Switcher.Hv.State;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Vmx;

/// <summary>What real CPUs offer and what is made of it: SDM vol. 3, 32.5.1 and appendix A.</summary>
public class VmxControlsTests
{
    private const uint Pin = 0x3E;
    private const uint Primary = 0x9600_6172;
    private const uint Exit = 0x3F_6FFF;
    private const uint Entry = 0xD1FF;

    /// <summary>EPT, RDTSCP, VPID, unrestricted guest; INVPCID and XSAVES where the CPU has them.</summary>
    [Theory]
    [InlineData(VmxModels.TigerLake, 0x10_10AA)]
    [InlineData(VmxModels.SkylakeX, 0x10_10AA)]
    [InlineData(VmxModels.Haswell, 0x10AA)]
    [InlineData(VmxModels.IvyBridge, 0xAA)]
    public void Reconcile_Model_HasWhatIsNeededAndMasksTheRest(string model, uint secondary)
    {
        VmxFeature missing = VmxControls.Reconcile(Capabilities(VmxModels.Of(model)), out VmxControlSet controls);
        Assert.Equal(Status.Success, missing.Status);
        Assert.Equal((Pin, Primary, secondary), ((uint)controls.Pin, (uint)controls.Primary, (uint)controls.Secondary));
        Assert.Equal((Exit | 0x200, Entry), ((uint)controls.Exit, (uint)controls.Entry));
    }

    [Theory]
    [InlineData(VmxModels.Lynnfield, Status.NoUnrestrictedGuest, "unrestricted guest")]
    [InlineData(VmxModels.Penryn, Status.NoNestedPaging, "enable EPT")]
    public void Reconcile_ModelThatLacksSomething_NamesIt(string model, Status status, string name)
    {
        VmxFeature missing = VmxControls.Reconcile(Capabilities(VmxModels.Of(model)), out _);
        Assert.Equal((status, name), (missing.Status, Text(missing.Name)));
        using FakeMachine machine = new(new MachineOptions { VmxModel = model });
        Assert.Equal(status, Vmx<FakePlatform>.Check());
        Assert.Empty(machine.Log);
    }

    [Theory]
    [InlineData(VmxModels.IvyBridge, 0x20_0000UL)]
    [InlineData(VmxModels.Haswell, 0x4000_0000UL)]
    public void LargestPage_OfModel_IsWhatItsEptHas(string model, ulong bytes)
    {
        using FakeMachine machine = new(new MachineOptions { VmxModel = model });
        Assert.Equal(bytes, VmxCapabilities.Read<FakePlatform>().Ept.LargestPage);
    }

    /// <summary>A control that cannot be 1.</summary>
    [Theory]
    [InlineData(VmxMsr.TruePinControls, 3, "NMI exiting")]
    [InlineData(VmxMsr.TruePinControls, 5, "virtual NMIs")]
    [InlineData(VmxMsr.TruePrimaryControls, 22, "NMI-window exiting")]
    [InlineData(VmxMsr.TruePrimaryControls, 25, "use I/O bitmaps")]
    [InlineData(VmxMsr.TruePrimaryControls, 28, "use MSR bitmaps")]
    [InlineData(VmxMsr.TrueExitControls, 2, "save debug controls")]
    [InlineData(VmxMsr.TrueExitControls, 9, "host address-space size")]
    [InlineData(VmxMsr.TrueExitControls, 18, "save IA32_PAT")]
    [InlineData(VmxMsr.TrueExitControls, 19, "load IA32_PAT on exit")]
    [InlineData(VmxMsr.TrueExitControls, 20, "save IA32_EFER")]
    [InlineData(VmxMsr.TrueExitControls, 21, "load IA32_EFER on exit")]
    [InlineData(VmxMsr.TrueEntryControls, 2, "load debug controls")]
    [InlineData(VmxMsr.TrueEntryControls, 9, "IA-32e mode guest")]
    [InlineData(VmxMsr.TrueEntryControls, 14, "load IA32_PAT on entry")]
    [InlineData(VmxMsr.TrueEntryControls, 15, "load IA32_EFER on entry")]
    public void Reconcile_RequiredControlThatIsMissing_IsNamed(uint register, int bit, string name)
        => CheckMissing(register, value => value & ~(1UL << (32 + bit)), name);

    /// <summary>A control that cannot be 0, so that the guest would exit where it must not.</summary>
    [Theory]
    [InlineData(VmxMsr.TruePinControls, 0, "external-interrupt exiting that can be off")]
    [InlineData(VmxMsr.TruePrimaryControls, 15, "CR3-load exiting that can be off")]
    [InlineData(VmxMsr.TruePrimaryControls, 16, "CR3-store exiting that can be off")]
    public void Reconcile_ForbiddenControlThatMustBeOn_IsNamed(uint register, int bit, string name)
        => CheckMissing(register, value => value | (1UL << bit), name);

    [Theory]
    [InlineData(VmxMsr.EptAndVpid, 6, "EPT with four levels")]
    [InlineData(VmxMsr.EptAndVpid, 14, "EPT in write-back memory")]
    [InlineData(VmxMsr.EptAndVpid, 16, "EPT pages of 2 MiB")]
    [InlineData(VmxMsr.EptAndVpid, 20, "INVEPT")]
    [InlineData(VmxMsr.EptAndVpid, 26, "INVEPT of all contexts")]
    [InlineData(VmxMsr.Miscellaneous, 8, "activity state wait-for-SIPI")]
    public void Reconcile_OtherFeatureThatIsMissing_IsNamed(uint register, int bit, string name)
        => CheckMissing(register, value => value & ~(1UL << bit), name);

    /// <summary>Without the secondary controls there is no EPT either, which is what the user can make sense of.</summary>
    [Fact]
    public void Reconcile_WithoutSecondaryControls_NamesEpt()
    {
        Dictionary<uint, ulong> msrs = VmxModels.Of(VmxModels.SkylakeX);
        msrs[VmxMsr.TruePrimaryControls] &= ~(1UL << 63);
        msrs.Remove(VmxMsr.SecondaryControls);
        msrs.Remove(VmxMsr.EptAndVpid);
        Assert.Equal(Status.NoNestedPaging, VmxControls.Reconcile(Capabilities(msrs), out _).Status);
    }

    /// <summary>Tags are of no use without the means to drop what is tagged.</summary>
    [Theory]
    [InlineData(32)]
    [InlineData(42)]
    public void Reconcile_WithoutInvvpid_DoesWithoutVpid(int bit)
    {
        Dictionary<uint, ulong> msrs = VmxModels.Of(VmxModels.SkylakeX);
        msrs[VmxMsr.EptAndVpid] &= ~(1UL << bit);
        Assert.True(VmxControls.Reconcile(Capabilities(msrs), out VmxControlSet controls).IsNone);
        Assert.Equal(SecondaryControls.None, controls.Secondary & SecondaryControls.EnableVpid);
    }

    /// <summary>It is for runtime services alone, and they work without.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reconcile_PreemptionTimer_IsOffAtFirstAndNotNeeded(bool isThere)
    {
        Dictionary<uint, ulong> msrs = VmxModels.Of(VmxModels.SkylakeX);
        if (!isThere)
            msrs[VmxMsr.TruePinControls] &= ~((ulong)PinControls.ActivatePreemptionTimer << 32);
        Assert.True(VmxControls.Reconcile(Capabilities(msrs), out VmxControlSet controls).IsNone);
        Assert.Equal(PinControls.None, controls.Pin & PinControls.ActivatePreemptionTimer);
    }

    /// <summary>IA32_VMX_BASIC bit 55: without it only the older MSRs exist, where CR3 always exits.</summary>
    [Fact]
    public void Capabilities_WithoutTrueControls_AreReadFromTheOlderMsrs()
    {
        Dictionary<uint, ulong> msrs = VmxModels.Of(VmxModels.SkylakeX);
        msrs[VmxMsr.Basic] &= ~(1UL << 55);
        foreach (uint register in new[] { VmxMsr.TruePinControls, VmxMsr.TruePrimaryControls, VmxMsr.TrueExitControls,
            VmxMsr.TrueEntryControls })
            msrs.Remove(register);
        VmxFeature missing = VmxControls.Reconcile(Capabilities(msrs), out _);
        Assert.Equal("CR3-load exiting that can be off", Text(missing.Name));
    }

    private static void CheckMissing(uint register, Func<ulong, ulong> change, string name)
    {
        using FakeMachine machine = new(new MachineOptions { VmxModel = VmxModels.SkylakeX });
        machine.Cpus[0].Msrs[register] = change(machine.Cpus[0].Msrs[register]);
        VmxFeature missing = VmxControls.Reconcile(VmxCapabilities.Read<FakePlatform>(), out _);
        Assert.Equal((Status.IncompleteVirtualization, name), (missing.Status, Text(missing.Name)));
        Assert.Equal(Status.IncompleteVirtualization, Vmx<FakePlatform>.Check());
        Assert.Equal([$"ERROR this CPU's VMX lacks a feature feature=\"{name}\""], machine.Log);
    }

    private static VmxCapabilities Capabilities(Dictionary<uint, ulong> msrs)
    {
        using FakeMachine machine = new();
        foreach ((uint register, ulong value) in msrs)
            machine.Cpus[0].Msrs[register] = value;
        return VmxCapabilities.Read<FakePlatform>();
    }

    private static string Text(ReadOnlySpan<byte> text) => Encoding.ASCII.GetString(text);
}

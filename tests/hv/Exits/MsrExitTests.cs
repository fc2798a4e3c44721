using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Svm;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

public sealed class MsrExitTests : System.IDisposable
{
    private const uint OutsideTheMap = 0x4000_0000;
    private const ulong GeneralProtection = 0x8000_0B0D;
    private readonly FakeMachine _machine = new FakeMachine().Launch().BootGuests();

    private FakeCpu Cpu => _machine.Cpus[0];

    [Fact]
    public void Read_Efer_IsTheGuestsWithoutSvme()
    {
        Assert.Equal(0xD00UL, Cpu.ReadMsr(Msr.Efer));
        Assert.Equal(0x1D00UL, Cpu.Vmcb.Efer);
    }

    [Theory]
    [InlineData(0xD01)]
    [InlineData(0x500)]
    [InlineData(0x4D00)]
    public void Write_EferThatACpuTakes_IsTheGuests(ulong value)
    {
        Cpu.WriteMsr(Msr.Efer, value);
        Assert.Empty(Cpu.Injected);
        Assert.Equal(value | 0x1000, Cpu.Vmcb.Efer);
        Assert.Equal(value, Cpu.ReadMsr(Msr.Efer));
    }

    /// <summary>APM vol. 2, 3.1.7: LMA is the CPU's own; a write of another value there changes nothing.</summary>
    [Fact]
    public void Write_EferWithoutLma_KeepsLma()
    {
        Cpu.WriteMsr(Msr.Efer, 0x900);
        Assert.Equal(0x1D00UL, Cpu.Vmcb.Efer);
    }

    [Theory]
    [InlineData(0x1D00)]
    [InlineData(0xC00)]
    [InlineData(0x1_0000_0D00)]
    [InlineData(0xD02)]
    public void Write_EferThatACpuRefuses_Faults(ulong value)
    {
        ulong rip = Cpu.Vmcb.Rip;
        Cpu.WriteMsr(Msr.Efer, value);
        Assert.Equal([GeneralProtection], Cpu.Injected);
        Assert.Equal((0x1D00UL, rip), (Cpu.Vmcb.Efer, Cpu.Vmcb.Rip));
    }

    /// <summary>On the way into long mode LME is set while paging is off.</summary>
    [Fact]
    public void Write_EferWithoutPaging_MayChangeLme()
    {
        VmcbState.Load(ref Cpu.Vmcb, CpuStates.Protected(MemoryLayout.Partition(0)));
        Cpu.WriteMsr(Msr.Efer, 0x900);
        Assert.Empty(Cpu.Injected);
        Assert.Equal(0x1900UL, Cpu.Vmcb.Efer);
    }

    /// <summary>As a firmware leaves them that offers no SVM.</summary>
    [Fact]
    public void Read_VmCr_SaysDisabledAndLocked() => Assert.Equal(0x18UL, Cpu.ReadMsr(Msr.VmCr));

    [Theory]
    [InlineData(Msr.VmHsavePa)]
    [InlineData(Msr.SvmKey)]
    public void Read_RegisterOfSvm_Faults(uint register)
    {
        Cpu.ReadMsr(register);
        Assert.Equal([GeneralProtection], Cpu.Injected);
    }

    [Theory]
    [InlineData(Msr.VmCr)]
    [InlineData(Msr.VmHsavePa)]
    [InlineData(Msr.SvmKey)]
    public void Write_RegisterOfSvm_FaultsAndChangesNothing(uint register)
    {
        ulong hostSave = Cpu.Msrs[Msr.VmHsavePa];
        Cpu.WriteMsr(register, 0);
        Assert.Equal([GeneralProtection], Cpu.Injected);
        Assert.Equal(hostSave, Cpu.Msrs[Msr.VmHsavePa]);
    }

    [Fact]
    public void ReadAndWrite_RegisterOutsideTheMap_AreTheCpus()
    {
        Cpu.Msrs[OutsideTheMap] = 0x1234_5678_9ABC_DEF0;
        Assert.Equal(0x1234_5678_9ABC_DEF0UL, Cpu.ReadMsr(OutsideTheMap));
        Cpu.WriteMsr(OutsideTheMap, 0xFEDC_BA98_7654_3210);
        Assert.Equal(0xFEDC_BA98_7654_3210UL, Cpu.Msrs[OutsideTheMap]);
        Assert.Empty(Cpu.Injected);
    }

    [Fact]
    public void ReadAndWrite_RegisterThatTheCpuLacks_FaultAtTheInstruction()
    {
        ulong rip = Cpu.Vmcb.Rip;
        Cpu.ReadMsr(OutsideTheMap);
        Cpu.WriteMsr(OutsideTheMap, 1);
        Assert.Equal([GeneralProtection, GeneralProtection], Cpu.Injected);
        Assert.Equal(rip, Cpu.Vmcb.Rip);
    }

    [Fact]
    public void Write_ApicBaseToX2Apic_ChangesTheMode()
    {
        Cpu.WriteMsr(Msr.ApicBase, Cpu.Msrs.ApicBase | ApicBase.X2ApicEnable);
        Assert.Empty(Cpu.Injected);
        Assert.True(Cpu.Apic.IsX2Apic);
    }

    /// <summary>The page there is what the hypervisor watches.</summary>
    [Fact]
    public void Write_ApicBaseElsewhere_FaultsAndIsLogged()
    {
        ulong before = Cpu.Msrs.ApicBase;
        Cpu.WriteMsr(Msr.ApicBase, 0xFED0_0900);
        Assert.Equal([GeneralProtection], Cpu.Injected);
        Assert.Equal(before, Cpu.Msrs.ApicBase);
        Assert.Equal("WARN a guest tried to move its local APIC guest=0 value=0xfed00900", _machine.Log[^1]);
    }

    [Fact]
    public void Write_ApicBaseTransitionThatTheCpuRefuses_Faults()
    {
        Cpu.Msrs.ApicBase |= ApicBase.X2ApicEnable;
        Cpu.WriteMsr(Msr.ApicBase, Cpu.Msrs.ApicBase & ~ApicBase.X2ApicEnable);
        Assert.Equal([GeneralProtection], Cpu.Injected);
    }

    /// <summary>In xAPIC mode the register does not exist.</summary>
    [Fact]
    public void Write_X2ApicCommandInXApicMode_Faults()
    {
        int sent = Cpu.Apic.Sent.Count;
        Cpu.WriteMsr(Msr.X2ApicIcr, 0x4_0000_0500);
        Assert.Equal([GeneralProtection], Cpu.Injected);
        Assert.Equal(sent, Cpu.Apic.Sent.Count);
    }

    public void Dispose() => _machine.Dispose();
}

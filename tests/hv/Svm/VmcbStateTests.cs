using CsCheck;
using Switcher.Hv.Cpu;
using Switcher.Hv.Svm;
using Xunit;

namespace Switcher.Tests.Hv.Svm;

public class VmcbStateTests
{
    private static readonly Gen<SegmentRegister> s_presentSegment =
        Gen.Select(Gen.UShort, Gen.UInt, Gen.UInt, Gen.ULong, (selector, attributes, limit, @base)
            => new SegmentRegister(selector, (attributes & 0xF0FF) | 0x80, limit, @base));

    private static readonly Gen<CpuState> s_state =
        Gen.Select(Gen.ULong.Array[26], s_presentSegment.Array[8], Gen.UInt, Gen.UInt, (values, segments, gdt, idt)
        => new CpuState
        {
            Rip = values[0],
            Rsp = values[1],
            Rflags = values[2],
            Cr0 = values[3],
            Cr2 = values[4],
            Cr3 = values[5],
            Cr4 = values[6],
            Dr6 = values[7],
            Dr7 = values[8],
            Efer = values[9] & ~Efer.SecureVirtualMachineEnable,
            Pat = values[10],
            GdtBase = values[11],
            IdtBase = values[12],
            Star = values[13],
            LStar = values[14],
            CStar = values[15],
            SfMask = values[16],
            KernelGsBase = values[17],
            SysenterCs = values[18],
            SysenterEsp = values[19],
            SysenterEip = values[20],
            GdtLimit = gdt,
            IdtLimit = idt,
            Es = segments[0],
            Cs = segments[1],
            Ss = segments[2],
            Ds = segments[3],
            Fs = segments[4],
            Gs = segments[5],
            Ldtr = segments[6],
            Tr = segments[7],
        });

    [Fact]
    public void Save_AfterLoadOfAnyState_GivesThatState() => s_state.Sample(state =>
    {
        Vmcb vmcb = default;
        VmcbState.Load(ref vmcb, state);
        VmcbState.Save(vmcb, out CpuState saved);
        return saved.Equals(state);
    });

    /// <summary>VMRUN refuses a guest without it, and the guest must not see it.</summary>
    [Fact]
    public void Load_AnyState_SetsSvmeBehindTheGuestsBack() => s_state.Sample(state =>
    {
        Vmcb vmcb = default;
        VmcbState.Load(ref vmcb, state);
        return vmcb.Efer == (state.Efer | 0x1000);
    });

    /// <summary>The privilege level has a field of its own, and SS has it in its DPL (APM vol. 2, 15.5.1).</summary>
    [Theory]
    [InlineData(0x93, 0)]
    [InlineData(0xF3, 3)]
    public void Load_StackSegment_GivesThePrivilegeLevel(uint attributes, byte level)
    {
        Vmcb vmcb = default;
        VmcbState.Load(ref vmcb, CpuState.AfterInit(0, 0) with { Ss = new SegmentRegister(0x18, attributes, 0xFFFF, 0) });
        Assert.Equal(level, vmcb.Cpl);
    }

    /// <summary>
    /// Table B-2, note: attributes are descriptor bits 55:52 above bits 47:40, without the limit's four bits between them.
    /// </summary>
    [Fact]
    public void Load_Attributes_ArePacked()
    {
        Vmcb vmcb = default;
        VmcbState.Load(ref vmcb, CpuState.AfterInit(0, 0) with { Cs = new SegmentRegister(8, 0xA09B, 0xFFFF_FFFF, 0) });
        Assert.Equal(0xA9B, vmcb.Cs.Attributes);
    }

    /// <summary>FS and GS have a base in 64-bit mode whatever their selector is.</summary>
    [Fact]
    public void Load_UnusableSegment_IsNotPresentAndKeepsItsBase()
    {
        Vmcb vmcb = default;
        VmcbState.Load(ref vmcb,
            CpuState.AfterInit(0, 0) with { Gs = new SegmentRegister(0, SegmentRegister.Unusable, 0, 0xFFFF_8880_0000_0000) });
        Assert.Equal((0, 0xFFFF_8880_0000_0000), (vmcb.Gs.Attributes, vmcb.Gs.Base));

        VmcbState.Save(vmcb, out CpuState saved);
        Assert.Equal((SegmentRegister.Unusable, 0xFFFF_8880_0000_0000), (saved.Gs.Attributes, saved.Gs.Base));
    }
}

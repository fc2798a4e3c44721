using Switcher.Hv.Cpu;

namespace Switcher.Hv.Svm;

/// <summary>Moves CPU state between its neutral form and a VMCB.</summary>
public static class VmcbState
{
    /// <summary>
    /// Writes the state save area. EFER.SVME is set there as VMRUN demands (APM vol. 2, 15.5.1 Canonicalization and Consistency Checks).
    /// </summary>
    public static void Load(ref Vmcb vmcb, in CpuState state)
    {
        vmcb.Es = ToVmcb(state.Es);
        vmcb.Cs = ToVmcb(state.Cs);
        vmcb.Ss = ToVmcb(state.Ss);
        vmcb.Ds = ToVmcb(state.Ds);
        vmcb.Fs = ToVmcb(state.Fs);
        vmcb.Gs = ToVmcb(state.Gs);
        vmcb.Ldtr = ToVmcb(state.Ldtr);
        vmcb.Tr = ToVmcb(state.Tr);
        vmcb.Gdtr = new VmcbSegment { Limit = state.GdtLimit, Base = state.GdtBase };
        vmcb.Idtr = new VmcbSegment { Limit = state.IdtLimit, Base = state.IdtBase };
        vmcb.Cpl = (byte)((state.Ss.Attributes >> 5) & 3);
        vmcb.Efer = state.Efer | Efer.SecureVirtualMachineEnable;
        vmcb.Cr0 = state.Cr0;
        vmcb.Cr2 = state.Cr2;
        vmcb.Cr3 = state.Cr3;
        vmcb.Cr4 = state.Cr4;
        vmcb.Dr6 = state.Dr6;
        vmcb.Dr7 = state.Dr7;
        vmcb.Rflags = state.Rflags;
        vmcb.Rip = state.Rip;
        vmcb.Rsp = state.Rsp;
        vmcb.Star = state.Star;
        vmcb.LStar = state.LStar;
        vmcb.CStar = state.CStar;
        vmcb.SfMask = state.SfMask;
        vmcb.KernelGsBase = state.KernelGsBase;
        vmcb.SysenterCs = state.SysenterCs;
        vmcb.SysenterEsp = state.SysenterEsp;
        vmcb.SysenterEip = state.SysenterEip;
        vmcb.GuestPat = state.Pat;
    }

    /// <summary>Reads the state save area.</summary>
    public static void Save(in Vmcb vmcb, out CpuState state) => state = new CpuState
    {
        Rip = vmcb.Rip,
        Rsp = vmcb.Rsp,
        Rflags = vmcb.Rflags,
        Cr0 = vmcb.Cr0,
        Cr2 = vmcb.Cr2,
        Cr3 = vmcb.Cr3,
        Cr4 = vmcb.Cr4,
        Dr6 = vmcb.Dr6,
        Dr7 = vmcb.Dr7,
        Efer = vmcb.Efer & ~Efer.SecureVirtualMachineEnable,
        Pat = vmcb.GuestPat,
        Es = FromVmcb(vmcb.Es),
        Cs = FromVmcb(vmcb.Cs),
        Ss = FromVmcb(vmcb.Ss),
        Ds = FromVmcb(vmcb.Ds),
        Fs = FromVmcb(vmcb.Fs),
        Gs = FromVmcb(vmcb.Gs),
        Ldtr = FromVmcb(vmcb.Ldtr),
        Tr = FromVmcb(vmcb.Tr),
        GdtBase = vmcb.Gdtr.Base,
        GdtLimit = vmcb.Gdtr.Limit,
        IdtBase = vmcb.Idtr.Base,
        IdtLimit = vmcb.Idtr.Limit,
        Star = vmcb.Star,
        LStar = vmcb.LStar,
        CStar = vmcb.CStar,
        SfMask = vmcb.SfMask,
        KernelGsBase = vmcb.KernelGsBase,
        SysenterCs = vmcb.SysenterCs,
        SysenterEsp = vmcb.SysenterEsp,
        SysenterEip = vmcb.SysenterEip,
    };

    /// <summary>
    /// An unusable segment is one that is not present. Its base counts all the same: FS and GS have one in 64-bit mode whatever their
    /// selector.
    /// </summary>
    private static VmcbSegment ToVmcb(in SegmentRegister segment)
    {
        bool isUnusable = (segment.Attributes & SegmentRegister.Unusable) != 0;
        return new VmcbSegment
        {
            Selector = segment.Selector,
            Attributes = isUnusable ? (ushort)0 : (ushort)((segment.Attributes & 0xFF) | ((segment.Attributes >> 4) & 0xF00)),
            Limit = segment.Limit,
            Base = segment.Base,
        };
    }

    private static SegmentRegister FromVmcb(in VmcbSegment segment)
    {
        const ushort Present = 0x80;
        uint attributes = (segment.Attributes & 0xFFu) | ((segment.Attributes & 0xF00u) << 4);
        if ((segment.Attributes & Present) == 0)
            attributes |= SegmentRegister.Unusable;
        return new SegmentRegister(segment.Selector, attributes, segment.Limit, segment.Base);
    }
}

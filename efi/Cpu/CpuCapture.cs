using Switcher.Hv.Cpu;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Cpu;

/// <summary>
/// Reads the state of the CPU that executes this, so that it can go on with it as a guest. RIP and RSP are the launch stub's to add.
/// </summary>
internal static unsafe class CpuCapture
{
    public static void Read(out CpuState state)
    {
        TableRegister gdtr;
        TableRegister idtr;
        Instructions.Sgdt(&gdtr);
        Instructions.Sidt(&idtr);
        state = new CpuState
        {
            // Interrupts stay off until the stub has taken its flags from the stack again.
            Rflags = Instructions.ReadFlags() & ~Rflags.Interrupt,
            Cr0 = Instructions.ReadCr0(),
            Cr2 = Instructions.ReadCr2(),
            Cr3 = Instructions.ReadCr3(),
            Cr4 = Instructions.ReadCr4(),
            Dr6 = Instructions.ReadDr6(),
            Dr7 = Instructions.ReadDr7(),
            Efer = Instructions.ReadMsr(Msr.Efer),
            Pat = Instructions.ReadMsr(Msr.Pat),
            GdtBase = gdtr.Base,
            GdtLimit = gdtr.Limit,
            IdtBase = idtr.Base,
            IdtLimit = idtr.Limit,
            Es = Segment(gdtr, Instructions.ReadEs()),
            Cs = Segment(gdtr, Instructions.ReadCs()),
            Ss = Segment(gdtr, Instructions.ReadSs()),
            Ds = Segment(gdtr, Instructions.ReadDs()),
            Fs = Segment(gdtr, Instructions.ReadFs()),
            Gs = Segment(gdtr, Instructions.ReadGs()),
            Ldtr = System(gdtr, Instructions.Sldt(), 0x82),
            Tr = System(gdtr, Instructions.Str(), 0x8B),
            Star = Instructions.ReadMsr(Msr.Star),
            LStar = Instructions.ReadMsr(Msr.LStar),
            CStar = Instructions.ReadMsr(Msr.CStar),
            SfMask = Instructions.ReadMsr(Msr.SfMask),
            KernelGsBase = Instructions.ReadMsr(Msr.KernelGsBase),
            SysenterCs = Instructions.ReadMsr(Msr.SysenterCs),
            SysenterEsp = Instructions.ReadMsr(Msr.SysenterEsp),
            SysenterEip = Instructions.ReadMsr(Msr.SysenterEip),
        };
        state.Fs.Base = Instructions.ReadMsr(Msr.FsBase);
        state.Gs.Base = Instructions.ReadMsr(Msr.GsBase);
    }

    // SAFETY: selectors in segment registers were loaded from this table, so their descriptors are in it.
    private static SegmentRegister Segment(in TableRegister gdtr, ushort selector)
        => SegmentRegister.FromDescriptor(selector, *(ulong*)(gdtr.Base + (selector & 0xFFF8u)), 0, isLongSystem: false);

    /// <summary>Firmware loads neither TR nor LDTR: then they are what INIT leaves.</summary>
    private static SegmentRegister System(in TableRegister gdtr, ushort selector, uint attributesAfterInit)
    {
        if ((selector & 0xFFFC) == 0)
            return new SegmentRegister(0, attributesAfterInit, 0xFFFF, 0);
        ulong* descriptor = (ulong*)(gdtr.Base + (selector & 0xFFF8u));
        return SegmentRegister.FromDescriptor(selector, descriptor[0], descriptor[1], isLongSystem: true);
    }
}

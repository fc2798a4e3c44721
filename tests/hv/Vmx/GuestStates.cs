using Switcher.Hv.Cpu;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Checks;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Tests.Hv.Vmx;

/// <summary>States of guests that every CPU enters: what the rules of SDM vol. 3, 27.3.1 are broken in, one at a time.</summary>
internal static class GuestStates
{
    private const uint Unusable = 0x1_0000;

    /// <summary>64-bit code in an unrestricted guest, as of Linux.</summary>
    public static VmcsGuestState LongMode => new()
    {
        Registers = new CpuState
        {
            Cr0 = 0x8005_0033,
            Cr3 = 0x1234_5000,
            Cr4 = 0x27_26F0,
            Dr7 = 0x400,
            SysenterEsp = 0xFFFF_FE00_0000_3000,
            SysenterEip = 0xFFFF_FFFF_8100_0000,
            Pat = 0x0407_0506_0007_0106,
            Efer = 0xD01,
            Es = new SegmentRegister(0, Unusable, 0, 0),
            Cs = new SegmentRegister(0x10, 0xA09B, 0xFFFF_FFFF, 0),
            Ss = new SegmentRegister(0x18, 0xC093, 0xFFFF_FFFF, 0),
            Ds = new SegmentRegister(0, Unusable, 0, 0),
            Fs = new SegmentRegister(0, Unusable, 0, 0x7F12_3456_7000),
            Gs = new SegmentRegister(0, Unusable, 0, 0xFFFF_8880_3F80_0000),
            Ldtr = new SegmentRegister(0, Unusable, 0, 0),
            Tr = new SegmentRegister(0x40, 0x8B, 0x206F, 0xFFFF_FE00_0000_3000),
            GdtBase = 0xFFFF_FE00_0000_1000,
            GdtLimit = 0x7F,
            IdtBase = 0xFFFF_FE00_0000_0000,
            IdtLimit = 0xFFF,
            Rip = 0xFFFF_FFFF_8123_4567,
            Rflags = 0x246,
        },
        LinkPointer = ulong.MaxValue,
        EntryControls = (EntryControls)0xD3FF,
        PinControls = (PinControls)0x3E,
        SecondaryControls = (SecondaryControls)0x10_10AA,
        Cr0Fixed = new FixedBits(0x20, 0xFFFF_FFFF),
        Cr4Fixed = new FixedBits(0x2000, 0x37_27FF),
        Miscellaneous = 0x6004_01E0,
        PhysicalAddressBits = 40,
    };

    /// <summary>A CPU of an unrestricted guest at its start-up vector.</summary>
    public static VmcsGuestState RealMode
    {
        get
        {
            VmcsGuestState state = LongMode with
            {
                Registers = LongMode.Registers with
                {
                    Cr0 = 0x30,
                    Cr3 = 0,
                    Cr4 = 0x2000,
                    SysenterEsp = 0,
                    SysenterEip = 0,
                    Efer = 0,
                    Cs = new SegmentRegister(0x9A00, 0x9B, 0xFFFF, 0x9_A000),
                    Tr = new SegmentRegister(0, 0x8B, 0xFFFF, 0),
                    Ldtr = new SegmentRegister(0, 0x82, 0xFFFF, 0),
                    GdtBase = 0,
                    GdtLimit = 0xFFFF,
                    IdtBase = 0,
                    IdtLimit = 0xFFFF,
                    Rip = 0,
                    Rflags = 2,
                },
                EntryControls = (EntryControls)0xD1FF,
            };
            ref CpuState registers = ref state.Registers;
            registers.Ss = registers.Ds = registers.Es = registers.Fs = registers.Gs = new SegmentRegister(0, 0x93, 0xFFFF, 0);
            return state;
        }
    }

    /// <summary>32-bit protected mode with PAE paging, flat segments.</summary>
    public static VmcsGuestState Protected
    {
        get
        {
            VmcsGuestState state = LongMode with
            {
                Registers = LongMode.Registers with
                {
                    Cr4 = 0x26F0,
                    SysenterEsp = 0xC000_0000,
                    SysenterEip = 0xC000_0000,
                    Efer = 0x800,
                    Cs = new SegmentRegister(0x60, 0xC09B, 0xFFFF_FFFF, 0),
                    Tr = new SegmentRegister(0x80, 0x8B, 0x206B, 0xC000_0000),
                    Ldtr = new SegmentRegister(0x88, 0x82, 0x27, 0xC000_1000),
                    GdtBase = 0xC000_2000,
                    IdtBase = 0xC000_3000,
                    Rip = 0xC100_0000,
                },
                EntryControls = (EntryControls)0xD1FF,
                Pdpte0 = 0x1001,
                Pdpte1 = 0,
                Pdpte2 = 0xFF_FFFF_F019,
                Pdpte3 = 0x4001,
            };
            ref CpuState registers = ref state.Registers;
            registers.Ss = registers.Ds = registers.Es = registers.Fs = registers.Gs = new SegmentRegister(0x68, 0xC093, 0xFFFF_FFFF, 0);
            return state;
        }
    }

    /// <summary>The same on a CPU, or under controls, without unrestricted guest; ring 3.</summary>
    public static VmcsGuestState Restricted
    {
        get
        {
            VmcsGuestState state = Protected with
            {
                Registers = Protected.Registers with
                {
                    Cs = new SegmentRegister(0x73, 0xC0FB, 0xFFFF_FFFF, 0),
                },
                SecondaryControls = SecondaryControls.EnableEpt,
                Cr0Fixed = new FixedBits(0x8000_0021, 0xFFFF_FFFF),
            };
            ref CpuState registers = ref state.Registers;
            registers.Ss = registers.Ds = registers.Es = registers.Fs = registers.Gs = new SegmentRegister(0x7B, 0xC0F3, 0xFFFF_FFFF, 0);
            return state;
        }
    }

    /// <summary>A virtual-8086 task of 32-bit code.</summary>
    public static VmcsGuestState Virtual8086
    {
        get
        {
            VmcsGuestState state = Protected with
            {
                Registers = Protected.Registers with
                {
                    Rflags = 0x2_3202,
                    Cs = new SegmentRegister(0xF000, 0xF3, 0xFFFF, 0xF_0000),
                    Rip = 0xFFF0,
                },
            };
            ref CpuState registers = ref state.Registers;
            registers.Ss = registers.Ds = registers.Es = registers.Fs = registers.Gs = new SegmentRegister(0x1234, 0xF3, 0xFFFF, 0x1_2340);
            return state;
        }
    }
}

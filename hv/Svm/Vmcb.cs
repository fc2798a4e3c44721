using System.Runtime.InteropServices;

namespace Switcher.Hv.Svm;

/// <summary>A segment in a VMCB: APM vol. 2, appendix B, table B-2 VMCB Layout, State Save Area.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct VmcbSegment
{
    public ushort Selector;

    /// <summary>Descriptor bits 55:52 and 47:40 side by side: bits 11:8 and 7:0.</summary>
    public ushort Attributes;
    public uint Limit;
    public ulong Base;
}

/// <summary>Virtual Machine Control Block: APM vol. 2, appendix B. Only the fields in use are named; the rest is zero.</summary>
[StructLayout(LayoutKind.Explicit, Size = 4096)]
public struct Vmcb
{
    // Table B-1, Control Area.
    [FieldOffset(0x008)] public uint ExceptionIntercepts;
    [FieldOffset(0x00C)] public SvmIntercepts1 Intercepts1;
    [FieldOffset(0x010)] public SvmIntercepts2 Intercepts2;
    [FieldOffset(0x040)] public ulong IopmBasePa;
    [FieldOffset(0x048)] public ulong MsrpmBasePa;
    [FieldOffset(0x050)] public ulong TscOffset;
    [FieldOffset(0x058)] public uint GuestAsid;
    [FieldOffset(0x05C)] public TlbControl TlbControl;
    [FieldOffset(0x060)] public ulong VirtualInterrupt;
    [FieldOffset(0x068)] public ulong InterruptShadow;
    [FieldOffset(0x070)] public ulong ExitCode;
    [FieldOffset(0x078)] public ulong ExitInfo1;
    [FieldOffset(0x080)] public ulong ExitInfo2;
    [FieldOffset(0x088)] public ulong ExitIntInfo;
    [FieldOffset(0x090)] public ulong NestedControl;
    [FieldOffset(0x0A8)] public ulong EventInjection;
    [FieldOffset(0x0B0)] public ulong NestedCr3;
    [FieldOffset(0x0C0)] public uint CleanBits;
    [FieldOffset(0x0C8)] public ulong NextRip;

    // Table B-2, State Save Area, which starts at 0x400.
    [FieldOffset(0x400)] public VmcbSegment Es;
    [FieldOffset(0x410)] public VmcbSegment Cs;
    [FieldOffset(0x420)] public VmcbSegment Ss;
    [FieldOffset(0x430)] public VmcbSegment Ds;
    [FieldOffset(0x440)] public VmcbSegment Fs;
    [FieldOffset(0x450)] public VmcbSegment Gs;
    [FieldOffset(0x460)] public VmcbSegment Gdtr;
    [FieldOffset(0x470)] public VmcbSegment Ldtr;
    [FieldOffset(0x480)] public VmcbSegment Idtr;
    [FieldOffset(0x490)] public VmcbSegment Tr;
    [FieldOffset(0x4CB)] public byte Cpl;
    [FieldOffset(0x4D0)] public ulong Efer;
    [FieldOffset(0x548)] public ulong Cr4;
    [FieldOffset(0x550)] public ulong Cr3;
    [FieldOffset(0x558)] public ulong Cr0;
    [FieldOffset(0x560)] public ulong Dr7;
    [FieldOffset(0x568)] public ulong Dr6;
    [FieldOffset(0x570)] public ulong Rflags;
    [FieldOffset(0x578)] public ulong Rip;
    [FieldOffset(0x5D8)] public ulong Rsp;
    [FieldOffset(0x5F8)] public ulong Rax;
    [FieldOffset(0x600)] public ulong Star;
    [FieldOffset(0x608)] public ulong LStar;
    [FieldOffset(0x610)] public ulong CStar;
    [FieldOffset(0x618)] public ulong SfMask;
    [FieldOffset(0x620)] public ulong KernelGsBase;
    [FieldOffset(0x628)] public ulong SysenterCs;
    [FieldOffset(0x630)] public ulong SysenterEsp;
    [FieldOffset(0x638)] public ulong SysenterEip;
    [FieldOffset(0x640)] public ulong Cr2;
    [FieldOffset(0x668)] public ulong GuestPat;
}

/// <summary>APM vol. 2, table B-1, offset 00Ch.</summary>
[System.Flags]
public enum SvmIntercepts1 : uint
{
    Nmi = 1 << 1,
    Smi = 1 << 2,
    Init = 1 << 3,
    Cpuid = 1 << 18,
    Pause = 1 << 23,
    Hlt = 1 << 24,
    Invlpga = 1 << 26,
    Io = 1 << 27,
    Msr = 1 << 28,
    Shutdown = 1u << 31,
}

/// <summary>APM vol. 2, table B-1, offset 010h.</summary>
[System.Flags]
public enum SvmIntercepts2 : uint
{
    Vmrun = 1 << 0,
    Vmmcall = 1 << 1,
    Vmload = 1 << 2,
    Vmsave = 1 << 3,
    Stgi = 1 << 4,
    Clgi = 1 << 5,
    Skinit = 1 << 6,
}

/// <summary>APM vol. 2, 15.16.1 TLB Flush.</summary>
public enum TlbControl : byte
{
    Nothing = 0,

    /// <summary>The only command that every CPU with SVM has.</summary>
    FlushAll = 1,
}

/// <summary>APM vol. 2, appendix C SVM Intercept Exit Codes.</summary>
public enum SvmExitCode : uint
{
    Nmi = 0x61,
    Smi = 0x62,
    Init = 0x63,
    Cpuid = 0x72,
    Pause = 0x77,
    Hlt = 0x78,
    Invlpga = 0x7A,
    Io = 0x7B,
    Msr = 0x7C,
    Shutdown = 0x7F,
    Vmrun = 0x80,
    Vmmcall = 0x81,
    Vmload = 0x82,
    Vmsave = 0x83,
    Stgi = 0x84,
    Clgi = 0x85,
    Skinit = 0x86,
    NestedPageFault = 0x400,

    /// <summary>-1: the state in the VMCB is not one that a CPU can have. Some CPUs store only 32 bits of it.</summary>
    Invalid = 0xFFFF_FFFF,
}

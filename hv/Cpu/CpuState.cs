namespace Switcher.Hv.Cpu;

/// <summary>
/// The architectural state of one CPU apart from general-purpose and floating-point registers, as both vendors' control structures hold it.
/// </summary>
public struct CpuState
{
    public ulong Rip;
    public ulong Rsp;
    public ulong Rflags;
    public ulong Cr0;
    public ulong Cr2;
    public ulong Cr3;
    public ulong Cr4;
    public ulong Dr6;
    public ulong Dr7;

    /// <summary>The guest's own EFER, without what virtualization itself needs there.</summary>
    public ulong Efer;
    public ulong Pat;
    public SegmentRegister Es;
    public SegmentRegister Cs;
    public SegmentRegister Ss;
    public SegmentRegister Ds;
    public SegmentRegister Fs;
    public SegmentRegister Gs;
    public SegmentRegister Ldtr;
    public SegmentRegister Tr;
    public ulong GdtBase;
    public uint GdtLimit;
    public ulong IdtBase;
    public uint IdtLimit;
    public ulong Star;
    public ulong LStar;
    public ulong CStar;
    public ulong SfMask;
    public ulong KernelGsBase;
    public ulong SysenterCs;
    public ulong SysenterEsp;
    public ulong SysenterEip;

    /// <summary>
    /// State after INIT with execution at <paramref name="segment"/>:<paramref name="offset"/> in real mode
    /// (APM vol. 2, 14.1.3 Processor Initialization State; SDM vol. 3, table 10-1).
    /// </summary>
    /// <param name="segment">The selector; the base is 16 times it.</param>
    /// <param name="offset">The offset of the first instruction.</param>
    public static CpuState AfterInit(ushort segment, ushort offset)
    {
        var data = new SegmentRegister(0, 0x93, 0xFFFF, 0);
        return new CpuState
        {
            Rip = offset,
            Rflags = Cpu.Rflags.AlwaysOne,
            Cr0 = Cpu.Cr0.CacheDisable | Cpu.Cr0.NotWritethrough | Cpu.Cr0.ExtensionType,
            Dr6 = 0xFFFF_0FF0,
            Dr7 = 0x400,
            Pat = Msr.PatAfterReset,
            Es = data,
            Cs = new SegmentRegister(segment, 0x9B, 0xFFFF, (ulong)segment << 4),
            Ss = data,
            Ds = data,
            Fs = data,
            Gs = data,
            Ldtr = new SegmentRegister(0, 0x82, 0xFFFF, 0),
            Tr = new SegmentRegister(0, 0x8B, 0xFFFF, 0),
            GdtLimit = 0xFFFF,
            IdtLimit = 0xFFFF,
        };
    }

    /// <summary>State of a CPU that a start-up interrupt set going: APM vol. 2, 16.5 Interprocessor Interrupts, "Startup".</summary>
    /// <param name="vector">The page number of the first instruction.</param>
    public static CpuState AfterStartup(byte vector) => AfterInit((ushort)(vector << 8), 0) with
    {
        // Caches stay on: INIT leaves CD and NW as they were, and firmware had switched them off long ago.
        Cr0 = Cpu.Cr0.ExtensionType,
    };

    /// <summary>
    /// State at a FACS waking vector: ACPI 6.5, 5.2.10 Firmware ACPI Control Structure, Firmware_Waking_Vector: real mode,
    /// CS = vector shifted right by 4, IP = its low four bits.
    /// </summary>
    public static CpuState AtWakingVector(uint vector) => AfterInit((ushort)(vector >> 4), (ushort)(vector & 0xF)) with
    {
        Cr0 = Cpu.Cr0.ExtensionType,
    };
}

using Switcher.Hv.Cpu;

namespace Switcher.Tests.Hv.Machine;

/// <summary>States in which guests run.</summary>
internal static class CpuStates
{
    private static readonly SegmentRegister s_code64 = new(0x38, 0xA09B, 0xFFFF_FFFF, 0);
    private static readonly SegmentRegister s_data = new(0x30, 0xC093, 0xFFFF_FFFF, 0);

    /// <summary>64-bit mode at the code of a partition, or of the firmware's memory, with the page tables there.</summary>
    public static CpuState LongMode(ulong partition) => CpuState.AfterInit(0, 0) with
    {
        Rip = partition + MemoryLayout.Code,
        Rsp = partition + MemoryLayout.Code,
        Rflags = Rflags.AlwaysOne | Rflags.Interrupt,
        Cr0 = Cr0.Paging | Cr0.ProtectedMode | Cr0.ExtensionType | Cr0.WriteProtect,
        Cr3 = partition + MemoryLayout.PageTables,
        Cr4 = Cr4.PhysicalAddressExtension | Cr4.OsFxsave,
        Efer = Efer.LongModeEnable | Efer.LongModeActive | Efer.NoExecuteEnable,
        Cs = s_code64,
        Ds = s_data,
        Es = s_data,
        Ss = s_data,
        Fs = s_data,
        Gs = s_data,
        GdtBase = partition + MemoryLayout.GlobalDescriptors,
        GdtLimit = 0x7F,
        IdtBase = partition + MemoryLayout.InterruptDescriptors,
        IdtLimit = 0x1FF,
    };

    /// <summary>32-bit protected mode without paging.</summary>
    public static CpuState Protected(ulong partition) => CpuState.AfterInit(0, 0) with
    {
        Rip = partition + MemoryLayout.Code,
        Cr0 = Cr0.ProtectedMode | Cr0.ExtensionType,
        Cs = new SegmentRegister(0x08, 0xC09B, 0xFFFF_FFFF, 0),
        Ds = s_data,
        Es = s_data,
        Ss = s_data,
    };
}

using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;

namespace Switcher.Hv.Switch;

/// <summary>Where a guest wants to wake: ACPI 6.5, 5.2.10 Firmware ACPI Control Structure (FACS).</summary>
public readonly struct WakingVector
{
    private const ulong LengthOffset = 4;
    private const ulong FirmwareWakingVectorOffset = 12;
    private const ulong XFirmwareWakingVectorOffset = 24;
    private const uint LengthWithXVector = 32;

    private readonly uint _real;
    private readonly ulong _extended;

    private WakingVector(uint real, ulong extended)
    {
        _real = real;
        _extended = extended;
    }

    /// <summary>True if the guest asked to be woken at all.</summary>
    public bool IsSet => _real != 0 || _extended != 0;

    /// <summary>Reads the vectors; the X vector only where the table is long enough to have one.</summary>
    public static WakingVector Read<TMemory>(HostPhysicalAddress facs)
        where TMemory : struct, IPhysicalMemory
    {
        uint length = TMemory.At<uint>(facs + LengthOffset);
        uint real = TMemory.At<uint>(facs + FirmwareWakingVectorOffset);
        ulong extended = length < LengthWithXVector ? 0 : TMemory.At<ulong>(facs + XFirmwareWakingVectorOffset);
        return new WakingVector(real, extended);
    }

    /// <summary>
    /// The state at the vector. The X vector, where set, goes first, and is entered in 32-bit protected mode with flat segments and without paging:
    /// Switcher's tables do not offer the 64-bit form (FACS flag 64BIT_WAKE_SUPPORTED_F is clear).
    /// </summary>
    public CpuState EntryState()
    {
        if (_extended == 0)
            return CpuState.AtWakingVector(_real);
        var data = new SegmentRegister(0x10, 0xC093, 0xFFFF_FFFF, 0);
        return CpuState.AtWakingVector(0) with
        {
            Rip = _extended,
            Cr0 = Cr0.ExtensionType | Cr0.ProtectedMode,
            Cs = new SegmentRegister(0x08, 0xC09B, 0xFFFF_FFFF, 0),
            Ds = data,
            Es = data,
            Fs = data,
            Gs = data,
            Ss = data,
        };
    }
}

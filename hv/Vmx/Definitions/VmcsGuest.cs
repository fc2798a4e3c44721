namespace Switcher.Hv.Vmx.Definitions;

/// <summary>Guest-state area: SDM vol. 3, 25.4 "Guest-State Area", appendix B.</summary>
public static class VmcsGuest
{
    public static VmcsSegment Es => new(0);

    public static VmcsSegment Cs => new(1);

    public static VmcsSegment Ss => new(2);

    public static VmcsSegment Ds => new(3);

    public static VmcsSegment Fs => new(4);

    public static VmcsSegment Gs => new(5);

    public static VmcsSegment Ldtr => new(6);

    public static VmcsSegment Tr => new(7);

    public static VmcsField<ulong> LinkPointer => new(0x2800);

    public static VmcsField<ulong> DebugCtl => new(0x2802);

    public static VmcsField<ulong> Pat => new(0x2804);

    public static VmcsField<ulong> Efer => new(0x2806);

    /// <summary>Exists only where the timer can be activated.</summary>
    public static VmcsField<uint> PreemptionTimer => new(0x482E);

    public static VmcsField<ulong> Pdpte0 => new(0x280A);

    public static VmcsField<ulong> Pdpte1 => new(0x280C);

    public static VmcsField<ulong> Pdpte2 => new(0x280E);

    public static VmcsField<ulong> Pdpte3 => new(0x2810);

    public static VmcsField<uint> GdtrLimit => new(0x4810);

    public static VmcsField<uint> IdtrLimit => new(0x4812);

    public static VmcsField<Interruptibility> Interruptibility => new(0x4824);

    public static VmcsField<ActivityState> ActivityState => new(0x4826);

    public static VmcsField<uint> SysenterCs => new(0x482A);

    public static VmcsField<nuint> Cr0 => new(0x6800);

    public static VmcsField<nuint> Cr3 => new(0x6802);

    public static VmcsField<nuint> Cr4 => new(0x6804);

    public static VmcsField<nuint> GdtrBase => new(0x6816);

    public static VmcsField<nuint> IdtrBase => new(0x6818);

    public static VmcsField<nuint> Dr7 => new(0x681A);

    public static VmcsField<nuint> Rsp => new(0x681C);

    public static VmcsField<nuint> Rip => new(0x681E);

    public static VmcsField<nuint> Rflags => new(0x6820);

    public static VmcsField<nuint> PendingDebugExceptions => new(0x6822);

    public static VmcsField<nuint> SysenterEsp => new(0x6824);

    public static VmcsField<nuint> SysenterEip => new(0x6826);
}

/// <summary>SDM vol. 3, 25.4.2 "Guest Non-Register State", table 25-3 "Format of Interruptibility State".</summary>
[System.Flags]
public enum Interruptibility : uint
{
    None = 0,
    BlockedBySti = 1 << 0,
    BlockedByMovSs = 1 << 1,
    BlockedBySmi = 1 << 2,

    /// <summary>With virtual NMIs: the guest is in its handler of a non-maskable interrupt.</summary>
    BlockedByNmi = 1 << 3,
    EnclaveInterruption = 1 << 4,
}

/// <summary>SDM vol. 3, 25.4.2 "Guest Non-Register State".</summary>
public enum ActivityState : uint
{
    Active = 0,
    Halted = 1,
    Shutdown = 2,
    WaitForSipi = 3,
}

namespace Switcher.Hv.Vmx;

/// <summary>The mode of the guest in the current VMCS.</summary>
public static class GuestMode
{
    /// <summary>Whether the guest executes 64-bit code: IA-32e mode and CS.L.</summary>
    public static bool Is64Bit<TInstructions>()
        where TInstructions : struct, IVmxInstructions
    {
        const uint CodeSegmentLong = 1 << 13;
        return (Vmcs<TInstructions>.Read(VmcsControl.EntryControls) & EntryControls.Ia32eModeGuest) != 0
            && (Vmcs<TInstructions>.Read(VmcsGuest.Cs.AccessRights) & CodeSegmentLong) != 0;
    }

    public static bool IsProtected<TInstructions>()
        where TInstructions : struct, IVmxInstructions
        => (Vmcs<TInstructions>.Read(VmcsGuest.Cr0) & Cpu.Cr0.ProtectedMode) != 0;
}

using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

public readonly partial struct Vmx<TPlatform>
{
    /// <summary>The mode of the guest in the current VMCS.</summary>
    public static class GuestMode
    {
        /// <summary>Whether the guest executes 64-bit code: IA-32e mode and CS.L.</summary>
        public static bool Is64Bit()
        {
            const uint CodeSegmentLong = 1 << 13;
            return (Vmcs.Read(VmcsControl.EntryControls) & EntryControls.Ia32eModeGuest) != 0
                && (Vmcs.Read(VmcsGuest.Cs.AccessRights) & CodeSegmentLong) != 0;
        }

        public static bool IsProtected()
            => (Vmcs.Read(VmcsGuest.Cr0) & Cpu.Cr0.ProtectedMode) != 0;
    }
}

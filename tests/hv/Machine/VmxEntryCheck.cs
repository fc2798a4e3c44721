using Switcher.Hv.Cpu;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Tests.Hv.Machine;

/// <summary>
/// What VMLAUNCH and VMRESUME check before they look at the guest: SDM vol. 3, 27.2 "Checks on VMX Controls and Host-State Area". Written
/// from the manual, apart from the code under test, which determines the controls.
/// </summary>
internal static class VmxEntryCheck
{
    private const uint BadControls = 7;
    private const uint BadHostState = 8;

    /// <summary>The VM-instruction error number, or 0.</summary>
    public static uint ErrorOf(FakeVmcs vmcs, FakeCpu cpu)
        => !AreControlsGood(vmcs, cpu) || !IsEventGood(vmcs) ? BadControls : IsHostGood(vmcs, cpu) ? 0 : BadHostState;

    private static bool AreControlsGood(FakeVmcs vmcs, FakeCpu cpu)
    {
        const ulong EptReserved = 0xFFFF_FF00_0000_0F80;
        const ulong EptWriteBackFourLevels = 0x1E;
        PinControls pin = vmcs.Get(VmcsControl.PinControls);
        PrimaryControls primary = vmcs.Get(VmcsControl.PrimaryControls);
        SecondaryControls secondary = vmcs.Get(VmcsControl.SecondaryControls);
        ulong ept = vmcs.Get(VmcsControl.EptPointer);
        return IsAllowed((uint)pin, cpu.Msrs[VmxMsr.TruePinControls])
            && IsAllowed((uint)primary, cpu.Msrs[VmxMsr.TruePrimaryControls])
            && IsAllowed((uint)secondary, cpu.Msrs[VmxMsr.SecondaryControls])
            && IsAllowed((uint)vmcs.Get(VmcsControl.ExitControls), cpu.Msrs[VmxMsr.TrueExitControls])
            && IsAllowed((uint)vmcs.Get(VmcsControl.EntryControls), cpu.Msrs[VmxMsr.TrueEntryControls])
            && vmcs.Get(VmcsControl.Cr3TargetCount) <= 4
            && IsPage(vmcs.Get(VmcsControl.IoBitmapA)) && IsPage(vmcs.Get(VmcsControl.IoBitmapB)) && IsPage(vmcs.Get(VmcsControl.MsrBitmap))
            && ((pin & PinControls.VirtualNmis) == 0 || (pin & PinControls.NmiExiting) != 0)
            && ((primary & PrimaryControls.NmiWindowExiting) == 0 || (pin & PinControls.VirtualNmis) != 0)
            && ((secondary & SecondaryControls.EnableVpid) == 0 || vmcs.Get(VmcsControl.VirtualProcessorId) != 0)
            && ((secondary & SecondaryControls.UnrestrictedGuest) == 0 || (secondary & SecondaryControls.EnableEpt) != 0)
            && (ept & 0x7F) == EptWriteBackFourLevels && (ept & EptReserved) == 0;
    }

    /// <summary>27.2.1.3 "VM-Entry Control Fields", the event to inject.</summary>
    private static bool IsEventGood(FakeVmcs vmcs)
    {
        uint value = vmcs.Get(VmcsControl.EntryInterruptionInformation);
        if (value >> 31 == 0)
            return true;
        uint type = (value >> 8) & 7;
        uint vector = value & 0xFF;
        bool isProtected = (vmcs.Get(VmcsGuest.Cr0) & Cr0.ProtectedMode) != 0;
        bool hasErrorCode = type == 3 && isProtected && vector is 8 or >= 10 and <= 14 or 17;
        bool isTypeGood = type is 0 or 4 or 5 or 6 || (type == 2 && vector == 2) || (type == 3 && vector <= 31);
        bool isLengthGood = type is not (4 or 5 or 6) || vmcs.Get(VmcsControl.EntryInstructionLength) is >= 1 and <= 15;
        return isTypeGood && isLengthGood && (value & 0x7FFF_F000) == 0 && (((value >> 11) & 1) != 0) == (hasErrorCode && type == 3)
            && (!hasErrorCode || vmcs.Get(VmcsControl.EntryExceptionErrorCode) <= 0x7FFF);
    }

    /// <summary>27.2.2 to 27.2.4, for a host in 64-bit mode.</summary>
    private static bool IsHostGood(FakeVmcs vmcs, FakeCpu cpu)
    {
        const uint LongModeHost = 1 << 9;
        const ulong LongMode = Efer.LongModeEnable | Efer.LongModeActive;
        ulong cr0 = vmcs.Get(VmcsHost.Cr0);
        ulong cr4 = vmcs.Get(VmcsHost.Cr4);
        ushort[] selectors =
        [
            vmcs.Get(VmcsHost.CsSelector), vmcs.Get(VmcsHost.SsSelector), vmcs.Get(VmcsHost.DsSelector), vmcs.Get(VmcsHost.EsSelector),
            vmcs.Get(VmcsHost.FsSelector), vmcs.Get(VmcsHost.GsSelector), vmcs.Get(VmcsHost.TrSelector),
        ];
        return (cr0 & cpu.Msrs[VmxMsr.Cr0Fixed0]) == cpu.Msrs[VmxMsr.Cr0Fixed0]
            && (cr4 & cpu.Msrs[VmxMsr.Cr4Fixed0]) == cpu.Msrs[VmxMsr.Cr4Fixed0]
            && (cr4 & ~cpu.Msrs[VmxMsr.Cr4Fixed1]) == 0 && (cr4 & Cr4.PhysicalAddressExtension) != 0
            && System.Array.TrueForAll(selectors, selector => (selector & 7) == 0) && selectors[0] != 0 && selectors[6] != 0
            && ((uint)vmcs.Get(VmcsControl.ExitControls) & LongModeHost) != 0
            && (vmcs.Get(VmcsHost.Efer) & LongMode) == LongMode
            && vmcs.Get(VmcsHost.Rip) == FakeVmx.ExitAddress;
    }

    /// <summary>A.2 "Reserved Controls and Default Settings".</summary>
    private static bool IsAllowed(uint value, ulong capability)
        => (value & (uint)capability) == (uint)capability && (value & ~(uint)(capability >> 32)) == 0;

    private static bool IsPage(ulong address) => (address & 0xFFF) == 0 && address != 0;
}

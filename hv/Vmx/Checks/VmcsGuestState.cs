using Switcher.Hv.Cpu;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx.Checks;

/// <summary>Everything in a VMCS that the CPU checks of the guest at an entry, and what it checks it against.</summary>
public struct VmcsGuestState
{
    /// <summary>Registers as they are in the VMCS, not as the guest sees them.</summary>
    public CpuState Registers;
    public ulong DebugCtl;
    public ActivityState Activity;
    public Interruptibility Interruptibility;
    public ulong PendingDebugExceptions;
    public ulong LinkPointer;
    public ulong Pdpte0;
    public ulong Pdpte1;
    public ulong Pdpte2;
    public ulong Pdpte3;

    /// <summary>The event that the entry was to deliver.</summary>
    public EventInformation Event;
    public EntryControls EntryControls;
    public PinControls PinControls;
    public SecondaryControls SecondaryControls;

    /// <summary>What VMX demands of the register in a guest.</summary>
    public FixedBits Cr0Fixed;
    public FixedBits Cr4Fixed;

    /// <summary>IA32_VMX_MISC.</summary>
    public ulong Miscellaneous;
    public int PhysicalAddressBits;

    public readonly bool IsIa32e => (EntryControls & EntryControls.Ia32eModeGuest) != 0;

    public readonly bool IsVirtual8086 => (Registers.Rflags & Cpu.Rflags.Virtual8086) != 0;

    public readonly bool IsUnrestricted => (SecondaryControls & SecondaryControls.UnrestrictedGuest) != 0;

    public readonly bool IsProtected => (Registers.Cr0 & Cpu.Cr0.ProtectedMode) != 0;

    public readonly bool IsPaging => (Registers.Cr0 & Cpu.Cr0.Paging) != 0;
}

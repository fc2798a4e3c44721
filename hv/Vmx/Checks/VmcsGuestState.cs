using Switcher.Hv.Cpu;

namespace Switcher.Hv.Vmx.Checks;

/// <summary>Everything in a VMCS that the CPU checks of the guest at an entry, and what it checks it against.</summary>
public struct VmcsGuestState
{
    public ulong Cr0;
    public ulong Cr3;
    public ulong Cr4;
    public ulong Dr7;
    public ulong DebugCtl;
    public ulong SysenterEsp;
    public ulong SysenterEip;
    public ulong Pat;
    public ulong Efer;
    public SegmentRegister Es;
    public SegmentRegister Cs;
    public SegmentRegister Ss;
    public SegmentRegister Ds;
    public SegmentRegister Fs;
    public SegmentRegister Gs;
    public SegmentRegister Ldtr;
    public SegmentRegister Tr;
    public ulong GdtrBase;
    public uint GdtrLimit;
    public ulong IdtrBase;
    public uint IdtrLimit;
    public ulong Rip;
    public ulong Rflags;
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

    public readonly bool IsVirtual8086 => (Rflags & Cpu.Rflags.Virtual8086) != 0;

    public readonly bool IsUnrestricted => (SecondaryControls & SecondaryControls.UnrestrictedGuest) != 0;

    public readonly bool IsProtected => (Cr0 & Cpu.Cr0.ProtectedMode) != 0;

    public readonly bool IsPaging => (Cr0 & Cpu.Cr0.Paging) != 0;

    /// <summary>Reads the current VMCS.</summary>
    public static void Read<TInstructions>(in VmxCpu cpu, out VmcsGuestState state)
        where TInstructions : struct, IVmxInstructions
        => state = new VmcsGuestState
        {
            Cr0 = Vmcs<TInstructions>.Read(VmcsGuest.Cr0),
            Cr3 = Vmcs<TInstructions>.Read(VmcsGuest.Cr3),
            Cr4 = Vmcs<TInstructions>.Read(VmcsGuest.Cr4),
            Dr7 = Vmcs<TInstructions>.Read(VmcsGuest.Dr7),
            DebugCtl = Vmcs<TInstructions>.Read(VmcsGuest.DebugCtl),
            SysenterEsp = Vmcs<TInstructions>.Read(VmcsGuest.SysenterEsp),
            SysenterEip = Vmcs<TInstructions>.Read(VmcsGuest.SysenterEip),
            Pat = Vmcs<TInstructions>.Read(VmcsGuest.Pat),
            Efer = Vmcs<TInstructions>.Read(VmcsGuest.Efer),
            Es = ReadSegment<TInstructions>(VmcsGuest.Es),
            Cs = ReadSegment<TInstructions>(VmcsGuest.Cs),
            Ss = ReadSegment<TInstructions>(VmcsGuest.Ss),
            Ds = ReadSegment<TInstructions>(VmcsGuest.Ds),
            Fs = ReadSegment<TInstructions>(VmcsGuest.Fs),
            Gs = ReadSegment<TInstructions>(VmcsGuest.Gs),
            Ldtr = ReadSegment<TInstructions>(VmcsGuest.Ldtr),
            Tr = ReadSegment<TInstructions>(VmcsGuest.Tr),
            GdtrBase = Vmcs<TInstructions>.Read(VmcsGuest.GdtrBase),
            GdtrLimit = Vmcs<TInstructions>.Read(VmcsGuest.GdtrLimit),
            IdtrBase = Vmcs<TInstructions>.Read(VmcsGuest.IdtrBase),
            IdtrLimit = Vmcs<TInstructions>.Read(VmcsGuest.IdtrLimit),
            Rip = Vmcs<TInstructions>.Read(VmcsGuest.Rip),
            Rflags = Vmcs<TInstructions>.Read(VmcsGuest.Rflags),
            Activity = Vmcs<TInstructions>.Read(VmcsGuest.ActivityState),
            Interruptibility = Vmcs<TInstructions>.Read(VmcsGuest.Interruptibility),
            PendingDebugExceptions = Vmcs<TInstructions>.Read(VmcsGuest.PendingDebugExceptions),
            LinkPointer = Vmcs<TInstructions>.Read(VmcsGuest.LinkPointer),
            Pdpte0 = Vmcs<TInstructions>.Read(VmcsGuest.Pdpte0),
            Pdpte1 = Vmcs<TInstructions>.Read(VmcsGuest.Pdpte1),
            Pdpte2 = Vmcs<TInstructions>.Read(VmcsGuest.Pdpte2),
            Pdpte3 = Vmcs<TInstructions>.Read(VmcsGuest.Pdpte3),
            Event = new EventInformation(Vmcs<TInstructions>.Read(VmcsControl.EntryInterruptionInformation)),
            EntryControls = Vmcs<TInstructions>.Read(VmcsControl.EntryControls),
            PinControls = Vmcs<TInstructions>.Read(VmcsControl.PinControls),
            SecondaryControls = Vmcs<TInstructions>.Read(VmcsControl.SecondaryControls),
            Cr0Fixed = cpu.Cr0,
            Cr4Fixed = cpu.Cr4,
            Miscellaneous = cpu.Miscellaneous,
            PhysicalAddressBits = cpu.PhysicalAddressBits,
        };

    private static SegmentRegister ReadSegment<TInstructions>(VmcsSegment source)
        where TInstructions : struct, IVmxInstructions
        => new(
            Vmcs<TInstructions>.Read(source.Selector),
            Vmcs<TInstructions>.Read(source.AccessRights),
            Vmcs<TInstructions>.Read(source.Limit),
            Vmcs<TInstructions>.Read(source.Base));
}

using System;

namespace Switcher.Hv.Vendor;

/// <summary>
/// Why a guest stopped running, in words that fit every vendor. The back end has translated its own exit code into one of them.
/// </summary>
public enum VmExitKind
{
    /// <summary>Nothing to handle: the CPU looks at what others ask of it and enters the guest again.</summary>
    None,

    /// <summary>A reason that the back end does not know; <see cref="VmExit.Code"/> has the vendor's number.</summary>
    Unknown,

    /// <summary>The CPU refused the guest's state.</summary>
    InvalidState,
    Cpuid,
    Io,
    ReadMsr,
    WriteMsr,
    NestedPageFault,

    /// <summary>A non-maskable interrupt arrived, the hypervisor's own or the guest's.</summary>
    Nmi,

    /// <summary>A system-management interrupt arrived; the back end has let the CPU take it.</summary>
    Smi,

    /// <summary>The guest's CPU would have shut down (triple fault).</summary>
    TripleFault,
    Hypercall,

    /// <summary>The guest executed an instruction of the virtualization extension that it does not have.</summary>
    VirtualizationInstruction,

    /// <summary>PAUSE or HLT, in a service of the firmware: it waits for something.</summary>
    Pause,

    /// <summary>A service of the firmware has taken a while; only where the vendor's CPU has a timer for that.</summary>
    Time,

    /// <summary>INIT arrived.</summary>
    Init,

    /// <summary>A start-up interrupt arrived.</summary>
    Startup,

    /// <summary>A write of CR0 or CR4 that the vendor's CPU does not leave to the guest; the back end has carried it out.</summary>
    ControlRegister,

    /// <summary>XSETBV, likewise.</summary>
    ExtendedControlRegister,

    /// <summary>INVD, likewise.</summary>
    CacheInvalidation,
}

/// <summary>What a guest tried to do at an address that its nested page table does not allow.</summary>
[Flags]
public enum NestedAccess : byte
{
    Read = 0,
    Write = 1,
    Execute = 2,

    /// <summary>The access was the CPU's own walk of the guest's page tables.</summary>
    PageTableWalk = 4,
}

/// <summary>One exit of a guest: its kind and what belongs to that kind.</summary>
public struct VmExit
{
    public VmExitKind Kind;

    /// <summary>The vendor's own exit code, for messages.</summary>
    public ulong Code;

    /// <summary>The vendor's own further information, for messages.</summary>
    public ulong Information;

    /// <summary>For <see cref="VmExitKind.NestedPageFault"/>: the guest-physical address.</summary>
    public ulong Address;

    /// <summary>For <see cref="VmExitKind.NestedPageFault"/>.</summary>
    public NestedAccess Access;

    /// <summary>For <see cref="VmExitKind.Io"/>.</summary>
    public ushort Port;

    /// <summary>For <see cref="VmExitKind.Io"/>: 1, 2 or 4 bytes.</summary>
    public byte Size;

    /// <summary>For <see cref="VmExitKind.Io"/>: IN or INS.</summary>
    public bool IsIn;

    /// <summary>For <see cref="VmExitKind.Io"/>: INS or OUTS, with or without REP.</summary>
    public bool IsString;

    /// <summary>For <see cref="VmExitKind.Startup"/>: the number of the page where execution is to start.</summary>
    public byte Vector;

    /// <summary>Address of the next instruction where the CPU tells, or 0: then the instruction has to be decoded.</summary>
    public ulong NextRip;
}

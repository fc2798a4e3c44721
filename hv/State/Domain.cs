using Switcher.Boot.Config;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Paging;

namespace Switcher.Hv.State;

/// <summary>
/// Where a domain is in its life. A guest: <see cref="Loading"/> to <see cref="Parked"/>; Parked to <see cref="Active"/>; Active to <see
/// cref="Suspended"/> and back; Active to <see cref="Off"/>; Active or Off to Loading, to begin anew. The firmware is Active from the
/// launch on until all guests are loaded, and Parked from then on, also while it serves a guest: the machine stays the guest's.
/// </summary>
public enum DomainPhase
{
    /// <summary>Its loader has not come to ExitBootServices yet, the first time or again.</summary>
    Loading,

    /// <summary>Stopped where it was, a guest in its loader's ExitBootServices; it has not run since.</summary>
    Parked,

    /// <summary>It has the machine.</summary>
    Active,

    /// <summary>It asked for S3; its RAM is kept.</summary>
    Suspended,

    /// <summary>It shut down or crashed; it has no session until it is loaded again.</summary>
    Off,
}

/// <summary>In what state a domain expects chipset and PCI functions when it gets the machine. They are silent in any case.</summary>
public enum DeviceState
{
    /// <summary>In D0 and configured as the firmware left them: it knows nothing else yet.</summary>
    AsFirmwareLeft,

    /// <summary>In any state: its own S3 code brings them back to where it left them.</summary>
    Silenced,
}

/// <summary>The boot CPU's state while its domain does not run; the other CPUs have none, they wait for their start-up.</summary>
public struct SavedCpu
{
    public CpuState State;
    public GuestRegisters Registers;
    public FpuState Fpu;
}

/// <summary>
/// Whoever can have the machine, the firmware or one operating system: what it owns, what it needs to go on, and what was counted.
/// </summary>
public struct Domain
{
    /// <summary>Index of the firmware in <see cref="HypervisorState.Domains"/>; guests follow in the order of the configuration.</summary>
    public const int Firmware = 0;

    /// <summary>In place of an index: no domain. The machine sleeps, or nobody is left.</summary>
    public const int Nobody = -1;

    /// <summary>Written by <c>Ownership</c> alone, except for what becomes Parked.</summary>
    public DomainPhase Phase;

    /// <summary>What it expects at its next turn.</summary>
    public DeviceState Devices;

    /// <summary>It expects the real-time clock to show local time, not universal time.</summary>
    public bool KeepsLocalTime;

    /// <summary>What a guest's request for S3 means.</summary>
    public SleepPolicy Sleep;

    /// <summary>How often a guest was loaded again.</summary>
    public ulong Restarts;

    /// <summary>Time-stamp of a guest's latest start: not a wake.</summary>
    public ulong Begun;

    /// <summary>How often in a row a guest has reset the machine soon after its start, without having slept.</summary>
    public int EarlyResets;

    /// <summary>Root of its nested page table.</summary>
    public HostPhysicalAddress NestedRoot;

    /// <summary>Where it goes on at its next turn.</summary>
    public SavedCpu Saved;

    /// <summary>PM1 status bits that it has to be shown after a wake, until it clears them.</summary>
    public ushort WakeStatus;

    /// <summary>What it has asked for at PM1a and not yet at PM1b.</summary>
    public SleepRequest SleepRequest;

    /// <summary>Exits by reason since the boot: one element for each <see cref="ExitReason"/>.</summary>
    public PhysicalArray<ulong> ExitCounts;

    /// <summary>A guest's name in the log, ASCII; <see cref="NameLength"/> bytes at this address.</summary>
    public HostPhysicalAddress Name;
    public int NameLength;

    /// <summary>A guest's own FACS.</summary>
    public HostPhysicalAddress Facs;

    /// <summary>The page of code that is a guest's runtime services, from which it may call the firmware; 0 if it has none.</summary>
    public HostPhysicalAddress Services;

    /// <summary>Ranges of which a guest gets a copy of its own when it parks.</summary>
    public PhysicalArray<PrivateCopy> Copies;

    /// <summary>Its contents of <see cref="HypervisorState.NvsRanges"/>, one after the other, while these hold another domain's.</summary>
    public HostPhysicalAddress Nvs;

    /// <summary>The domain of a guest as the boot side, the log and the user count them: from 0.</summary>
    public static int OfGuest(int guest) => guest + 1;

    /// <summary>The number of a guest for the boot side, the log and the user.</summary>
    public static int GuestOf(int domain) => domain - 1;

    public static bool IsFirmware(int domain) => domain == Firmware;
}

using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Paging;

namespace Switcher.Hv.State;

/// <summary>Where a guest is in its life.</summary>
public enum GuestPhase
{
    /// <summary>Its loader has not come to ExitBootServices yet.</summary>
    Loading,

    /// <summary>Its loader called ExitBootServices and was stopped there; it has not run since.</summary>
    Parked,

    /// <summary>It has the machine.</summary>
    Active,

    /// <summary>It asked for S3; its RAM is kept.</summary>
    Suspended,

    /// <summary>It shut down, reset or crashed; it does not come back.</summary>
    Off,
}

/// <summary>One operating system: its partition's page table, what it needs to go on, and what was counted.</summary>
public struct Guest
{
    public GuestPhase Phase;

    /// <summary>Number of its <c>Boot####</c> option.</summary>
    public ushort BootOption;

    /// <summary>Its name in the log, ASCII; <see cref="NameLength"/> bytes at this address.</summary>
    public HostPhysicalAddress Name;
    public int NameLength;

    /// <summary>Root of its nested page table.</summary>
    public HostPhysicalAddress NestedRoot;

    /// <summary>Its own FACS.</summary>
    public HostPhysicalAddress Facs;

    /// <summary>Ranges of which it gets a copy of its own when it parks.</summary>
    public PhysicalArray<PrivateCopy> Copies;

    /// <summary>The boot CPU's state where it was parked.</summary>
    public CpuState ParkedState;
    public GuestRegisters ParkedRegisters;

    public FpuState ParkedFpu;

    /// <summary>PM1 status bits that it has to be shown after a wake, until it clears them.</summary>
    public ushort WakeStatus;

    /// <summary>What it has asked for at PM1a and not yet at PM1b.</summary>
    public SleepRequest SleepRequest;

    /// <summary>Exits by reason since the boot: one element for each <see cref="ExitReason"/>.</summary>
    public PhysicalArray<ulong> ExitCounts;
}

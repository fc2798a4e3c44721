using Switcher.Boot.Config;
using Switcher.Boot.Memory;
using Switcher.Hv.Devices;

namespace Switcher.Hv.State;

/// <summary>Everything that the hypervisor knows, in one place in its own memory. Each CPU gets a reference when it starts.</summary>
public struct HypervisorState
{
    public PhysicalArray<VirtualCpu> Cpus;

    /// <summary>The firmware, then the guests.</summary>
    public PhysicalArray<Domain> Domains;

    /// <summary>Index of the domain that has the machine, or <see cref="Domain.Nobody"/>; written by <c>Ownership</c> alone.</summary>
    public int ActiveDomain;

    /// <summary>A page that every guest may read and execute, with the instructions of a CPU that waits for its start-up.</summary>
    public HostPhysicalAddress WaitPage;

    /// <summary>
    /// 12 KiB, a bit for each port: 1 intercepts (APM vol. 2, 15.10.1 I/O Permissions Map; SDM vol. 3, 25.6.4 has the same order).
    /// </summary>
    public HostPhysicalAddress IoBitmap;

    /// <summary>8 KiB, in the vendor's layout.</summary>
    public HostPhysicalAddress MsrBitmap;

    /// <summary>Where the local APIC is while it is in xAPIC mode.</summary>
    public HostPhysicalAddress LocalApic;

    /// <summary>PM1, GPE and reset registers, and the values that mean sleep.</summary>
    public PowerManagement Power;

    /// <summary>Interrupt controllers and timers.</summary>
    public Chipset Chipset;

    /// <summary>PCI functions as the firmware left them.</summary>
    public PhysicalArray<PciFunction> PciFunctions;

    /// <summary>The firmware's ACPI NVS memory above 640 KiB.</summary>
    public PhysicalArray<MemoryRange> NvsRanges;

    /// <summary>The domain that has the machine, or had it last while nobody has.</summary>
    public int Resident;

    /// <summary>The real-time clock, and what is known of it.</summary>
    public MachineClock Clock;

    /// <summary>MTRRs as the firmware left them.</summary>
    public PhysicalArray<MsrValue> BootMsrs;

    /// <summary>IA32_APIC_BASE of the boot CPU as the firmware left it, without the boot-CPU bit.</summary>
    public ulong BootApicBase;

    /// <summary>Ticks of the time-stamp counter in a second.</summary>
    public ulong TimestampFrequency;

    /// <summary>1 while one CPU switches domains or puts the machine to sleep.</summary>
    public int SwitchLock;

    /// <summary>Counts how often the CPU that switches let the others go on.</summary>
    public int Release;

    /// <summary>A guest has had the machine.</summary>
    public bool HasBegun;

    /// <summary>What S3 means for all guests: <see cref="SleepPolicy.Machine"/> if a switch has to be asked for.</summary>
    public SleepPolicy Sleep;

    /// <summary>Who is to have the machine at the next switch, once; <see cref="Domain.Firmware"/> if no guest was named.</summary>
    public int NextDomain;

    /// <summary>The domain that the firmware loads again, in the run phase.</summary>
    public int LoadingDomain;

    /// <summary>The guest that had the machine last, while the firmware has it.</summary>
    public int LastGuest;

    /// <summary>1 while a CPU executes the firmware on behalf of a guest.</summary>
    public int ServiceLock;

    /// <summary>Index of that CPU.</summary>
    public int ServiceCpu;

    /// <summary>Time-stamp of that service's beginning.</summary>
    public ulong ServiceStart;

    /// <summary>The guest's state on that CPU.</summary>
    public SavedCpu Caller;

    /// <summary>The firmware has failed in a service: there are none in this session any more.</summary>
    public bool HasLostServices;

    /// <summary>
    /// <see cref="HypervisorReport.Length"/> bytes of the firmware's domain: where the hypervisor writes what it is asked to tell. It is
    /// known from before the launch, so no address that comes with a hypercall is ever written to.
    /// </summary>
    public HostPhysicalAddress Report;

    /// <summary>CPUs that stopped and have not been released.</summary>
    public int StoppedCpus;

    /// <summary>Switches done since the run phase began.</summary>
    public ulong SwitchCount;

    /// <summary>The switch whose first guest instruction has not been seen yet; its line in the log waits for that.</summary>
    public PendingSwitch Pending;

    /// <summary>Accesses to foreign memory that were logged, so that a guest cannot flood the log.</summary>
    public int LoggedViolations;

    public readonly int GuestCount => Domains.Count - 1;

    /// <summary>True until the first guest has the machine: nobody has a session yet that could be lost.</summary>
    public readonly bool IsBootPhase => !HasBegun;

    /// <summary>True if the firmware has the machine: it loads guests.</summary>
    public readonly bool IsLoading => Domain.IsFirmware(ActiveDomain);
}

/// <summary>An MSR and the value that it gets back at a switch.</summary>
public struct MsrValue
{
    public uint Register;
    public ulong Value;
}

/// <summary>What the log says about a switch.</summary>
public struct PendingSwitch
{
    /// <summary>True from the intercepted request until the line is written.</summary>
    public bool IsActive;

    /// <summary>Indices of the domains.</summary>
    public int From;
    public int To;

    /// <summary>True if the new domain has not run before.</summary>
    public bool IsFirst;
    public SwitchReason Reason;

    /// <summary>How many CPUs executed the domain that went, since it had become active.</summary>
    public uint EnteredCpus;

    /// <summary>Time-stamp of the intercepted request.</summary>
    public ulong Start;

    /// <summary>Time-stamp right before the new domain's first instruction.</summary>
    public ulong End;
}

using Switcher.Boot.Config;
using Switcher.Efi.Guests;
using Switcher.Hv.Devices;
using Switcher.Hv.State;

namespace Switcher.Efi.Launch;

/// <summary>
/// All that the boot side tells the hypervisor before launch; the steps fill it. The pointers are to boot-services memory: what is still
/// needed after launch has to be copied out while preparing.
/// </summary>
public struct BootPlan
{
    /// <summary>Index 0 starts first.</summary>
    public GuestTable Guests;

    public PlannedMemory Memory;

    /// <summary>Physical address of the firmware's own RSDP.</summary>
    public ulong Rsdp;

    /// <summary>ACPI fixed hardware and the SLP_TYP values of S3, S4 and S5.</summary>
    public PowerManagement Power;

    /// <summary>What S3 means for all guests.</summary>
    public SleepPolicy Sleep;

    /// <summary>Where the hypervisor is to write its report: memory that stays the firmware's.</summary>
    public unsafe HypervisorReport* Report;
}

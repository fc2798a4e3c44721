using Switcher.Efi.Guests;
using Switcher.Hv.Devices;

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
}

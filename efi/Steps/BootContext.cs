using Switcher.Acpi;
using Switcher.Efi.Firmware;
using Switcher.Efi.Launch;
using Switcher.Efi.Loader;
using Switcher.Efi.Services;

namespace Switcher.Efi.Steps;

/// <summary>
/// All that the boot side knows, from the first step to the last. One, in the frame of the entry point, handed on to every step; each floor
/// below gets the part that is its own. It does not move, so there may be pointers to it.
/// </summary>
internal unsafe struct BootContext
{
    public UefiFirmware Firmware;

    /// <summary>The guests are those of the user's list; otherwise they are a proposal, and nothing of it may run unasked.</summary>
    public bool IsListed;

    /// <summary>The user wants to go back to the firmware.</summary>
    public bool HasLeft;

    /// <summary>Seconds to wait for a key before the guests boot; 0xFFFF waits for ever, as in the firmware's own Timeout.</summary>
    public ushort Timeout;

    /// <summary>The guests, the memory plan and the sleep hardware: what the hypervisor will be told.</summary>
    public BootPlan Plan;

    /// <summary>How many of the plan's ranges have been taken from the firmware, in their order.</summary>
    public int TakenRanges;

    /// <summary>How this machine sleeps.</summary>
    public SleepTypes Sleep;

    public Hypervisor Hypervisor;

    /// <summary>The devices that loaders load from.</summary>
    public Controllers Controllers;

    /// <summary>What the guests' runtime services work with.</summary>
    public ServiceState Services;

    /// <summary>The loaders' boot services.</summary>
    public Session Loader;
}

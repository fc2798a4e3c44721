using Switcher.Efi.Uefi;

namespace Switcher.Efi.Firmware;

/// <summary>
/// What resets the machine if a loader comes to no end: UEFI 2.10, 7.5.1 SetWatchdogTimer(). A loader that waits for somebody switches it
/// off, or it would not get far under any boot manager.
/// </summary>
internal static unsafe class Watchdog
{
    // UEFI 2.10, 3.1.2 "Load Option Processing".
    private const nuint LoaderSeconds = 5 * 60;

    /// <summary>A loader is about to start: it gets the time that a boot manager gives it.</summary>
    public static void Start(UefiFirmware* firmware) => firmware->Services->SetWatchdogTimer(LoaderSeconds, 0, 0, null);

    /// <summary>It is back, or parked.</summary>
    public static void Stop(UefiFirmware* firmware) => firmware->Services->SetWatchdogTimer(0, 0, 0, null);
}

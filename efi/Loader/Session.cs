using Switcher.Boot.Partition;
using Switcher.Boot.Plan;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Loader;

/// <summary>
/// The guest whose loader is running. There is at most one, and after its ExitBootServices a loader never runs again in the boot phase, so
/// the hooks need no other way to know for whom they work.
/// </summary>
internal static unsafe class Session
{
    private static GuestBoot* s_guest;

    public static ref GuestBoot Guest => ref *s_guest;

    /// <summary>The system table that the guest's images get.</summary>
    public static SystemTable* SystemTable { get; set; }

    public static bool IsParked => s_guest->Kind == GuestKind.Parked;

    /// <summary>Set by the ExitBootServices hook when there is nothing left but to stop the loader.</summary>
    public static bool HasExitedBootServices { get; set; }

    public static PartitionAllocator Pages => BootGuests.Pages(ref *s_guest);

    public static PartitionPool<IdentityMemory> Pool => BootGuests.Pool(ref *s_guest);

    public static void Begin(ref GuestBoot guest)
    {
        fixed (GuestBoot* pointer = &guest)
            s_guest = pointer;
        HasExitedBootServices = false;
    }

    /// <summary>
    /// Keeps event notifications out while the guest's tables change: they run at up to this level and may allocate
    /// (UEFI 2.10, table 7.3 "TPL Restrictions").
    /// </summary>
    public static Tpl Enter() => FirmwareAccess.Services->RaiseTpl(Tpl.Notify);

    public static void Leave(Tpl previous) => FirmwareAccess.Services->RestoreTpl(previous);
}

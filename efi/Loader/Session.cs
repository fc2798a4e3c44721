using Switcher.Boot.Partition;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Host;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Loader;

/// <summary>
/// The guest whose loader is running, and all that its boot services work with. There is at most one, and after its ExitBootServices a
/// loader never runs again in the boot phase.
/// </summary>
internal unsafe struct Session
{
    /// <summary>
    /// For the services in a guest's table, which have no argument that could say for whom they work. With the log's ring this is all that
    /// the boot side keeps in static variables.
    /// </summary>
    public static Session* Current { get; private set; }

    public UefiFirmware* Firmware;
    public PlannedMemory* Memory;

    /// <summary>Which hypercall instruction parks.</summary>
    public Backend Backend;

    public GuestBoot* Guest;

    /// <summary>The boot services in it, in the partition.</summary>
    public BootServices* Services;

    /// <summary>The guest's ExitBootServices.</summary>
    public ParkThunk* Thunk;

    /// <summary>ExitBootServices has been called, if only with a wrong map key.</summary>
    public bool HasBegunExit;

    /// <summary>Set by ExitBootServices when there is nothing left but to stop the loader.</summary>
    public bool HasExitedBootServices;

    public Journal Journal;
    public MapView Map;

    /// <summary>The images, of which <see cref="Images.Capacity"/> can be loaded, and the one that runs or null.</summary>
    public ImageRecord* ImageRecords;
    public ImageRecord* RunningImage;

    public InitialRamDisk* InitialRamDisk;

    /// <summary>The system table that the guest's images get.</summary>
    public readonly SystemTable* SystemTable => Guest->Runtime.SystemTable;

    public readonly PartitionAllocator Pages => GuestBoot.Pages(Guest);

    public readonly PartitionPool<IdentityMemory> Pool => GuestBoot.Pool(Guest);

    /// <summary>Gets the memory that the services work with, once for all guests.</summary>
    public bool Create(UefiFirmware* firmware, PlannedMemory* memory, Backend backend)
    {
        Firmware = firmware;
        Memory = memory;
        Backend = backend;
        ImageRecords = firmware->Allocate<ImageRecord>(Images.Capacity);
        InitialRamDisk = Loader.InitialRamDisk.Create(firmware);
        return ImageRecords != null && InitialRamDisk != null && Journal.Create(firmware) && Map.Create(firmware);
    }

    /// <summary>Begins with a guest: nothing is left of the one before.</summary>
    public static void Begin(Session* session, GuestBoot* guest)
    {
        Current = session;
        session->Guest = guest;
        session->HasBegunExit = false;
        session->HasExitedBootServices = false;
        session->RunningImage = null;
        session->Map.Forget();
        for (int i = 0; i < Images.Capacity; i++)
            session->ImageRecords[i] = default;
    }

    /// <summary>Undoes what the loader has done to the firmware, as far as it has not been undone yet.</summary>
    public static void Undo(Session* session)
    {
        Images.CloseAllOf(session, default);
        session->Journal.UndoAll();
    }

    /// <summary>
    /// Keeps event notifications out while the guest's tables change: they run at up to this level and may allocate
    /// (UEFI 2.10, table 7.3 "TPL Restrictions").
    /// </summary>
    public readonly Tpl Enter() => Firmware->Services->RaiseTpl(Tpl.Notify);

    public readonly void Leave(Tpl previous) => Firmware->Services->RestoreTpl(previous);
}

using System;
using Switcher.Boot.Text;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;
using MemoryType = Switcher.Boot.Memory.MemoryType;

namespace Switcher.Efi.Loader;

/// <summary>
/// Runs the loader of one guest in its partition. What it leaves by, if it does not fail, is <see cref="ExitServices"/>.
/// </summary>
internal static unsafe class ChainLoader
{
    // UEFI 2.10, 2.3.4: 128 KiB or more.
    private const ulong StackBytes = 256 * 1024;

    /// <summary>Loads and starts the loader of a guest.</summary>
    /// <returns>Whether the guest is parked.</returns>
    public static bool Run(Session* session, GuestBoot* guest)
    {
        Report("STEP chain-load"u8, guest);
        Session.Begin(session, guest);
        UefiFirmware* firmware = session->Firmware;
        Variables.SetBootCurrent(firmware, guest->BootOption);
        Watchdog.Start(firmware);
        EfiStatus status = EfiStatus.OutOfResources;
        ulong stack = MemoryServices.Allocate(session, MemoryType.BootServicesData, StackBytes);
        if (stack != 0 && PrivateTables.Create(session))
            status = LoadAndStart(session, stack + StackBytes);

        Watchdog.Stop(firmware);

        // The loader was stopped with interrupts off; lowering the level from the highest turns them on.
        firmware->Services->RaiseTpl(Tpl.HighLevel);
        firmware->Services->RestoreTpl(Tpl.Application);
        Session.Undo(session);
        if (session->HasExitedBootServices)
        {
            Report("STEP park"u8, guest);
            return true;
        }

        var reason = new LogLine("the loader of "u8);
        reason.Text(guest->NameText);
        reason.Text(" returned status "u8);
        reason.Hexadecimal(status.Value);
        return firmware->Refusal.Because(ref reason);
    }

    private static void Report(ReadOnlySpan<byte> step, GuestBoot* guest)
    {
        var line = new LogLine(step);
        line.Number("guest"u8, (ulong)guest->Index);
        line.Quoted("name"u8, guest->NameText);
        line.WriteTo<Log>();
    }

    private static EfiStatus LoadAndStart(Session* session, ulong stackTop)
    {
        GuestBoot* guest = session->Guest;
        EfiStatus status = Images.Load(session, true, session->Firmware->Image, guest->Path, null, 0, out ImageRecord* image);
        if (status.IsError)
            return status;
        image->Info->LoadOptions = CopyOptions(session);
        image->Info->LoadOptionsSize = image->Info->LoadOptions == null ? 0 : guest->LoadOptionsSize;
        if (guest->InitialRamDisk != null)
            status = InitialRamDisk.Install(session->InitialRamDisk, image->Info->DeviceHandle, guest->InitialRamDisk);
        if (!status.IsError)
        {
            session->Thunk->Frame = (ulong)&image->Frame;
            status = Images.Start(session, image, stackTop);
        }

        InitialRamDisk.Uninstall(session->InitialRamDisk);
        return status;
    }

    private static void* CopyOptions(Session* session)
    {
        GuestBoot* guest = session->Guest;
        if (guest->LoadOptionsSize == 0)
            return null;
        void* copy = MemoryServices.AllocatePool(session, guest->LoadOptionsSize);
        if (copy != null)
        {
            new ReadOnlySpan<byte>(guest->LoadOptions, (int)guest->LoadOptionsSize)
                .CopyTo(new Span<byte>(copy, (int)guest->LoadOptionsSize));
        }

        return copy;
    }
}

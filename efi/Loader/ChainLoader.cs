using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;
using MemoryType = Switcher.Boot.Memory.MemoryType;

namespace Switcher.Efi.Loader;

/// <summary>Runs the loader of one guest in its partition.</summary>
internal static unsafe class ChainLoader
{
    // UEFI 2.10, 2.3.4: 128 KiB or more.
    private const ulong StackBytes = 256 * 1024;

    /// <summary>Gets the memory that the hooks work with.</summary>
    public static bool Create() => (Journal.Create() && Images.Create() && MapView.Create() && InitialRamDisk.Create())
        || Refusal.Because("the firmware has no memory left for Switcher's loader"u8);

    /// <summary>
    /// Loads and starts the loader of a guest. For the guest that starts first this returns only if the loader failed.
    /// </summary>
    /// <returns>Whether the guest is parked.</returns>
    public static bool Run(ref GuestBoot guest)
    {
        Report("STEP chain-load"u8, ref guest);
        Session.Begin(ref guest);
        Images.Clear();

        Variables.SetBootCurrent(guest.BootOption);

        // Loaders that take long must not be reset by the watchdog that the boot manager set for Switcher.
        FirmwareAccess.Services->SetWatchdogTimer(0, 0, 0, null);
        EfiStatus status = EfiStatus.OutOfResources;
        ulong stack = MemoryServices.Allocate(MemoryType.BootServicesData, StackBytes);
        if (stack != 0 && PrivateTables.Create())
            status = LoadAndStart(ref guest, stack + StackBytes);

        // The loader was stopped with interrupts off; lowering the level from the highest turns them on.
        FirmwareAccess.Services->RestoreTpl(RaiseToHighest());
        Journal.UndoAll();
        if (Session.HasExitedBootServices)
        {
            Report("STEP park"u8, ref guest);
            return true;
        }

        PrivateTables.Restore();
        var reason = new LogLine("the loader of "u8);
        reason.Text(guest.NameText);
        reason.Text(" returned status "u8);
        reason.Hexadecimal(status.Value);
        return Refusal.Because(ref reason);
    }

    private static void Report(ReadOnlySpan<byte> step, ref GuestBoot guest)
    {
        var line = new LogLine(step);
        line.Number("guest"u8, (ulong)guest.Index);
        line.Quoted("name"u8, guest.NameText);
        line.WriteTo<Log>();
    }

    private static Tpl RaiseToHighest()
    {
        FirmwareAccess.Services->RaiseTpl(Tpl.HighLevel);
        return Tpl.Application;
    }

    private static EfiStatus LoadAndStart(ref GuestBoot guest, ulong stackTop)
    {
        EfiStatus status = Images.Load(true, FirmwareAccess.Image, guest.Path, null, 0, out ImageRecord* image);
        if (status.IsError)
            return status;
        image->Info->LoadOptions = CopyOptions(ref guest);
        image->Info->LoadOptionsSize = image->Info->LoadOptions == null ? 0 : guest.LoadOptionsSize;
        Handle initialRamDisk = default;
        if (guest.InitialRamDisk != null)
            status = InitialRamDisk.Install(image->Info->DeviceHandle, guest.InitialRamDisk, out initialRamDisk);
        if (!status.IsError)
        {
            ExitServices.ReturnTo(&image->Frame);
            status = Images.Start(image, stackTop);
        }

        InitialRamDisk.Uninstall(initialRamDisk);
        return status;
    }

    private static void* CopyOptions(ref GuestBoot guest)
    {
        if (guest.LoadOptionsSize == 0)
            return null;
        void* copy = MemoryServices.AllocatePool(guest.LoadOptionsSize);
        if (copy != null)
            new ReadOnlySpan<byte>(guest.LoadOptions, (int)guest.LoadOptionsSize).CopyTo(new Span<byte>(copy, (int)guest.LoadOptionsSize));
        return copy;
    }
}

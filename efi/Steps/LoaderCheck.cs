using System;
using Switcher.Boot.Image;
using Switcher.Boot.Text;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Loader;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Steps;

/// <summary>Looks at every guest's loader before anything is changed: once the hypervisor runs, a missing file costs more.</summary>
internal static unsafe class LoaderCheck
{
    // Headers lie at the start: those of a kernel with its DOS stub end in the first few KiB.
    private const int HeaderBytes = 16 * 1024;

    /// <summary>Completes the guests' device paths, and refuses if a loader or an initial RAM disk is missing.</summary>
    public static bool Run(BootContext* boot)
    {
        byte* buffer = (byte*)boot->Firmware.Allocate(HeaderBytes);
        if (buffer == null)
            return boot->Firmware.Refusal.Because("the firmware has no memory left for Switcher's tables"u8);
        for (int i = 0; i < boot->Plan.Guests.Count; i++)
        {
            if (!Check(boot, boot->Plan.Guests.At(i), buffer))
                return false;
        }

        return true;
    }

    private static bool Check(BootContext* boot, GuestBoot* guest, byte* buffer)
    {
        DevicePath* path = DevicePaths.Complete(&boot->Firmware, guest->Path);
        if (path == null)
            return Refuse(boot, guest, "is on a partition that this machine does not have"u8);
        guest->Path = path;

        // What is not on a file system is only known to the driver that will load it.
        if (!ImageSource.TryFindFile(&boot->Firmware, path, out Handle volume, out DevicePath* file))
            return true;
        char* name = stackalloc char[ImageSource.MaximumPath];
        if (!ImageSource.TryJoin(file, name) || FileReader.Open(&boot->Firmware, volume, name, out File* opened, out ulong size).IsError)
            return Refuse(boot, guest, "is missing"u8);
        ulong length = Math.Min(size, HeaderBytes);
        if (FileReader.ReadAndClose(opened, buffer, length).IsError)
            return Refuse(boot, guest, "cannot be read"u8);
        switch (PeImage.TryParse(new ReadOnlySpan<byte>(buffer, (int)length), out _))
        {
            case PeStatus.Success:
                break;
            case PeStatus.WrongMachine:
                return Refuse(boot, guest, "is for another kind of machine"u8);
            default:
                return Refuse(boot, guest, "is not a UEFI program"u8);
        }

        if (guest->InitialRamDisk == null)
            return true;
        if (FileReader.Open(&boot->Firmware, volume, guest->InitialRamDisk, out File* disk, out _).IsError)
            return Refuse(boot, guest, "has no initial RAM disk where initrd= says"u8);
        disk->Close(disk);
        return true;
    }

    private static bool Refuse(BootContext* boot, GuestBoot* guest, ReadOnlySpan<byte> what)
    {
        var reason = new LogLine("the loader of "u8);
        reason.Text(guest->NameText);
        reason.Text(" "u8);
        reason.Text(what);
        return boot->Firmware.Refusal.Because(ref reason);
    }
}

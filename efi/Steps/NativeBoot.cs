using System;
using Switcher.Boot.Text;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Loader;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Steps;

/// <summary>Boots the first system that can be booted with the firmware's own services, as if Switcher had not been there.</summary>
internal static unsafe class NativeBoot
{
    /// <summary>Tries the guests in their order. Returns only if none of them could be started.</summary>
    public static EfiStatus Run(BootContext* boot)
    {
        EfiStatus status = EfiStatus.NotFound;
        for (int i = 0; i < boot->Plan.Guests.Count; i++)
        {
            status = Start(boot, boot->Plan.Guests.At(i));
            var line = new LogLine("WARN native boot returned"u8);
            line.Hex("status"u8, status.Value);
            line.WriteTo<Log>();
        }

        boot->Firmware.Print("Switcher: no system could be started"u8);
        return status.IsError ? status : EfiStatus.Aborted;
    }

    private static EfiStatus Start(BootContext* boot, GuestBoot* guest)
    {
        var line = new LogLine("STEP native"u8);
        line.Key("option"u8);
        line.HexDigits(guest->BootOption, 4);
        line.Quoted("name"u8, guest->NameText);
        line.WriteTo<Log>();

        DevicePath* path = DevicePaths.Complete(&boot->Firmware, guest->Path);
        if (path == null)
            return EfiStatus.NotFound;
        BootServices* services = boot->Firmware.Services;
        Handle image = default;
        EfiStatus status = services->LoadImage(1, boot->Firmware.Image, path, null, 0, &image);
        if (status.IsError)
        {
            // Forbidden by Secure Boot's policy: loaded all the same (UEFI 2.10, 7.4.1 LoadImage()).
            if (status == EfiStatus.SecurityViolation)
                services->UnloadImage(image);
            return status;
        }

        LoadedImage* info = boot->Firmware.Interface<LoadedImage>(image, LoadedImage.Protocol);
        info->LoadOptions = guest->LoadOptionsSize == 0 ? null : guest->LoadOptions;
        info->LoadOptionsSize = guest->LoadOptionsSize;
        InitialRamDisk* disk = guest->InitialRamDisk == null ? null : InitialRamDisk.Create(&boot->Firmware);
        if (disk != null)
            InitialRamDisk.Install(disk, info->DeviceHandle, guest->InitialRamDisk);

        Variables.SetBootCurrent(&boot->Firmware, guest->BootOption);

        Watchdog.Start(&boot->Firmware);
        status = services->StartImage(image, null, null);
        Watchdog.Stop(&boot->Firmware);
        if (disk != null)
            InitialRamDisk.Uninstall(disk);
        return status;
    }
}

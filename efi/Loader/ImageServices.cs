using System.Runtime.InteropServices;
using Switcher.Efi.Cpu;
using Switcher.Efi.Firmware;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Loader;

/// <summary>The image services of a guest (UEFI 2.10, 7.4 "Image Services"), but for ExitBootServices().</summary>
internal static unsafe class ImageServices
{
    /// <summary>Puts the hooks into a guest's table.</summary>
    public static void Hook(BootServices* services)
    {
        services->LoadImage = &LoadImage;
        services->StartImage = &StartImage;
        services->Exit = &Exit;
        services->UnloadImage = &UnloadImage;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus LoadImage(byte bootPolicy, Handle parent, DevicePath* path, void* buffer, nuint size, Handle* loaded)
    {
        if (loaded == null || parent.IsNull || FirmwareAccess.Interface<LoadedImage>(parent, LoadedImage.Protocol) == null)
            return EfiStatus.InvalidParameter;
        *loaded = default;
        if (path == null && buffer == null)
            return EfiStatus.NotFound;
        EfiStatus status = Images.Load(bootPolicy != 0, parent, path, buffer, size, out ImageRecord* image);
        if (image != null)
            *loaded = image->Handle;
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus StartImage(Handle handle, nuint* exitDataSize, char** exitData)
    {
        ImageRecord* image = Images.Find(handle);
        if (image == null || image->IsStarted)
            return EfiStatus.InvalidParameter;
        if (image->IsForbidden)
            return EfiStatus.SecurityViolation;
        if (exitDataSize != null)
            *exitDataSize = 0;
        image->ExitWanted = exitDataSize;
        image->ExitDataWanted = exitData;
        return Images.Start(image, 0);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus Exit(Handle handle, EfiStatus status, nuint exitDataSize, char* exitData)
    {
        ImageRecord* image = Images.Find(handle);
        if (image == null)
            return EfiStatus.InvalidParameter;
        if (!image->IsStarted)
        {
            Images.Unload(image);
            return EfiStatus.Success;
        }

        if (image != Images.Current)
            return EfiStatus.InvalidParameter;
        if (image->ExitWanted != null && image->ExitDataWanted != null)
        {
            *image->ExitWanted = exitDataSize;
            *image->ExitDataWanted = exitData;
        }

        BootStubs.LeaveImage(&image->Frame, status);
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus UnloadImage(Handle handle)
    {
        ImageRecord* image = Images.Find(handle);
        if (image == null)
            return EfiStatus.InvalidParameter;
        if (image->IsStarted)
        {
            if (image->Info->Unload == null)
                return EfiStatus.Unsupported;
            EfiStatus status = image->Info->Unload(handle);
            if (status.IsError)
                return status;
        }

        Images.Unload(image);
        return EfiStatus.Success;
    }
}

using System.Runtime.InteropServices;
using Switcher.Efi.Cpu;
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
        Session* session = Session.Current;
        if (loaded == null || parent.IsNull || session->Firmware->Interface<LoadedImage>(parent, LoadedImage.Protocol) == null)
            return EfiStatus.InvalidParameter;
        *loaded = default;
        if (path == null && buffer == null)
            return EfiStatus.NotFound;
        EfiStatus status = Images.Load(session, bootPolicy != 0, parent, path, buffer, size, out ImageRecord* image);
        if (image != null)
            *loaded = image->Handle;
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus StartImage(Handle handle, nuint* exitDataSize, char** exitData)
    {
        Session* session = Session.Current;
        ImageRecord* image = Images.Find(session, handle);
        if (image == null || image->IsStarted)
            return EfiStatus.InvalidParameter;
        if (image->IsForbidden)
            return EfiStatus.SecurityViolation;
        if (exitDataSize != null)
            *exitDataSize = 0;
        image->ExitWanted = exitDataSize;
        image->ExitDataWanted = exitData;
        return Images.Start(session, image, 0);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus Exit(Handle handle, EfiStatus status, nuint exitDataSize, char* exitData)
    {
        Session* session = Session.Current;
        ImageRecord* image = Images.Find(session, handle);
        if (image == null)
            return EfiStatus.InvalidParameter;
        if (!image->IsStarted)
        {
            Images.Unload(session, image);
            return EfiStatus.Success;
        }

        if (image != session->RunningImage)
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
        Session* session = Session.Current;
        ImageRecord* image = Images.Find(session, handle);
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

        Images.Unload(session, image);
        return EfiStatus.Success;
    }
}

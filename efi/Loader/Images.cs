using System;
using Switcher.Efi.Cpu;
using Switcher.Efi.Firmware;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Loader;

/// <summary>An image that was loaded for the running guest.</summary>
public unsafe struct ImageRecord
{
    public Handle Handle;

    /// <summary>In the partition, and so is all that it points to.</summary>
    public LoadedImage* Info;

    /// <summary>The full path, or null; the interface of the Loaded Image Device Path protocol.</summary>
    public DevicePath* Path;

    public ulong EntryPoint;

    /// <summary>Drivers stay when they return without an error, applications never do.</summary>
    public bool IsApplication;

    /// <summary>Secure Boot's policy does not let it start.</summary>
    public bool IsForbidden;

    public bool IsStarted;

    /// <summary>Where it goes back to: see the stub RunImage.</summary>
    public ulong Frame;

    /// <summary>The image that started it.</summary>
    public ImageRecord* Caller;

    /// <summary>Where StartImage()'s caller wants what the image passes to Exit(); or null.</summary>
    public nuint* ExitWanted;
    public char** ExitDataWanted;
}

/// <summary>The images of the running guest. UEFI's own image services would put small images into the firmware's memory.</summary>
internal static unsafe class Images
{
    public const int Capacity = 64;

    /// <summary>The record of an image that was loaded here, or null.</summary>
    public static ImageRecord* Find(Session* session, Handle handle)
    {
        for (int i = 0; i < Capacity && !handle.IsNull; i++)
        {
            if (session->ImageRecords[i].Handle.Value == handle.Value)
                return &session->ImageRecords[i];
        }

        return null;
    }

    /// <summary>Loads an image for the running guest (UEFI 2.10, 7.4.1 EFI_BOOT_SERVICES.LoadImage()).</summary>
    /// <param name="session">The guest's.</param>
    /// <param name="bootPolicy">Whether the boot manager asks.</param>
    /// <param name="parent">The image on whose behalf it is loaded.</param>
    /// <param name="path">Where it is, or where <paramref name="buffer"/> came from; may be null with a buffer.</param>
    /// <param name="buffer">The file, or null.</param>
    /// <param name="size">Bytes of the buffer.</param>
    /// <param name="image">The record; null if it could not be loaded.</param>
    public static EfiStatus Load(
        Session* session, bool bootPolicy, Handle parent, DevicePath* path, void* buffer, ulong size, out ImageRecord* image)
    {
        image = FindFree(session);
        if (image == null)
            return EfiStatus.OutOfResources;
        EfiStatus status = ImageSource.Find(session, bootPolicy, path, buffer, size, out ImageSource source);
        if (status.IsError)
        {
            image = null;
            return status;
        }

        EfiStatus verdict = Authenticate(session, bootPolicy, path, source);
        status = verdict.IsError && verdict != EfiStatus.SecurityViolation ? verdict : Register(session, image, parent, path, source);
        source.Release(session);
        if (status.IsError)
        {
            image = null;
            return status;
        }

        image->IsForbidden = verdict == EfiStatus.SecurityViolation;
        return verdict;
    }

    /// <summary>Starts an image on the present stack or one of its own, and cleans up when it comes back.</summary>
    public static EfiStatus Start(Session* session, ImageRecord* image, ulong stackTop)
    {
        image->IsStarted = true;
        image->Caller = session->RunningImage;
        session->RunningImage = image;
        EfiStatus status = BootStubs.RunImage(image->EntryPoint, image->Handle, session->SystemTable, stackTop, &image->Frame);
        // A parked loader's memory stays as it is: it has only been left.
        if (session->HasExitedBootServices)
            return status;
        session->RunningImage = image->Caller;
        if (image->IsApplication || status.IsError)
            Unload(session, image);
        return status;
    }

    /// <summary>Frees an image and takes its handle out of the firmware's database.</summary>
    public static void Unload(Session* session, ImageRecord* image)
    {
        Guid infoProtocol = LoadedImage.Protocol;
        Guid pathProtocol = LoadedImage.DevicePathProtocol;
        CloseAllOf(session, image->Handle);
        ProtocolServices.Uninstall(session, image->Handle, &pathProtocol, image->Path);
        ProtocolServices.Uninstall(session, image->Handle, &infoProtocol, image->Info);
        FreeMemory(session, image);
        *image = default;
    }

    /// <summary>
    /// Closes whatever an image that goes away has open, as firmware does when it unloads one. Only what others feel is in the journal; but
    /// every open protocol is in the firmware's database under the image's handle, which will be no handle any more.
    /// </summary>
    /// <param name="session">The guest's.</param>
    /// <param name="agent">The image, or null for all of the guest's.</param>
    public static void CloseAllOf(Session* session, Handle agent)
    {
        session->Journal.CloseAllOf(agent);
        BootServices* services = session->Firmware->Services;
        nuint count = 0;
        Handle* handles = null;
        if (services->LocateHandleBuffer(LocateSearchType.AllHandles, null, null, &count, &handles).IsError)
            return;
        for (nuint i = 0; i < count; i++)
        {
            nuint protocols = 0;
            Guid** guids = null;
            if (services->ProtocolsPerHandle(handles[i], &guids, &protocols).IsError)
                continue;
            for (nuint j = 0; j < protocols; j++)
                CloseAllOf(session, agent, handles[i], guids[j]);
            services->FreePool(guids);
        }

        services->FreePool(handles);
    }

    private static void CloseAllOf(Session* session, Handle agent, Handle handle, Guid* guid)
    {
        BootServices* services = session->Firmware->Services;
        nuint count = 0;
        OpenProtocolInformationEntry* opens = null;
        if (services->OpenProtocolInformation(handle, guid, &opens, &count).IsError)
            return;
        for (nuint i = 0; i < count; i++)
        {
            Handle opener = opens[i].AgentHandle;
            if (agent.IsNull ? Find(session, opener) != null : opener.Value == agent.Value)
                services->CloseProtocol(handle, guid, opener, opens[i].ControllerHandle);
        }

        services->FreePool(opens);
    }

    private static ImageRecord* FindFree(Session* session)
    {
        for (int i = 0; i < Capacity; i++)
        {
            if (session->ImageRecords[i].Handle.IsNull)
                return &session->ImageRecords[i];
        }

        return null;
    }

    /// <summary>
    /// Asks the firmware as its own LoadImage would, so that Secure Boot's policy and the measurements hold
    /// (PI 1.8, volume II, "Security2 Architectural Protocol").
    /// </summary>
    private static EfiStatus Authenticate(Session* session, bool bootPolicy, DevicePath* path, in ImageSource source)
    {
        Security2Arch* security = session->Firmware->Locate<Security2Arch>(Security2Arch.Protocol);
        return security == null
            ? EfiStatus.Success
            : security->FileAuthentication(security, path, source.Data, (nuint)source.Size, bootPolicy ? (byte)1 : (byte)0);
    }

    private static EfiStatus Register(Session* session, ImageRecord* image, Handle parent, DevicePath* path, in ImageSource source)
    {
        EfiStatus status = ImageFile.Load(session, image, source);
        if (status.IsError)
            return status;
        LoadedImage* info = image->Info;
        info->Revision = LoadedImage.CurrentRevision;
        info->ParentHandle = parent;
        info->SystemTable = session->SystemTable;
        info->DeviceHandle = source.Device;
        info->FilePath = CopyPath(session, source.FilePath);
        image->Path = CopyPath(session, path);

        Handle handle = default;
        Guid infoProtocol = LoadedImage.Protocol;
        Guid pathProtocol = LoadedImage.DevicePathProtocol;
        status = ProtocolServices.Install(session, &handle, &infoProtocol, info);
        if (!status.IsError)
        {
            // The interface may be null: an image from a buffer need not have a path (UEFI 2.10, 9.2).
            status = ProtocolServices.Install(session, &handle, &pathProtocol, image->Path);
            if (status.IsError)
                ProtocolServices.Uninstall(session, handle, &infoProtocol, info);
        }

        if (status.IsError)
        {
            FreeMemory(session, image);
            *image = default;
            return status;
        }

        image->Handle = handle;
        return status;
    }

    private static DevicePath* CopyPath(Session* session, DevicePath* path)
    {
        if (path == null)
            return null;
        var copy = (DevicePath*)MemoryServices.AllocatePool(session, (ulong)DevicePaths.Length(path));
        if (copy != null)
            DevicePaths.Copy(path, copy);
        return copy;
    }

    private static void FreeMemory(Session* session, ImageRecord* image)
    {
        LoadedImage* info = image->Info;
        MemoryServices.Free(session, (ulong)info->ImageBase, info->ImageSize);
        MemoryServices.FreeFromPool(session, info->FilePath);
        MemoryServices.FreeFromPool(session, image->Path);
        MemoryServices.FreeFromPool(session, info);
    }
}

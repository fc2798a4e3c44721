using System;
using System.Runtime;
using System.Runtime.InteropServices;
using Switcher.Efi.Cpu;
using Switcher.Efi.Firmware;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Loader;

/// <summary>The protocol handler services of a guest that change something (UEFI 2.10, 7.3 "Protocol Handler Services").</summary>
internal static unsafe class ProtocolServices
{
    /// <summary>Puts the hooks into a guest's table.</summary>
    public static void Hook(BootServices* services)
    {
        services->InstallProtocolInterface = &InstallProtocolInterface;
        services->ReinstallProtocolInterface = &ReinstallProtocolInterface;
        services->UninstallProtocolInterface = &UninstallProtocolInterface;
        services->OpenProtocol = &OpenProtocol;
        services->CloseProtocol = &CloseProtocol;

        // C# has no variadic functions: a stub makes an array of the arguments.
        services->InstallMultipleProtocolInterfaces =
            (delegate* unmanaged<Handle*, Guid*, void*, Guid*, void*, void*, EfiStatus>)
            (delegate*<void>)&BootStubs.InstallMultipleProtocolInterfacesThunk;
        services->UninstallMultipleProtocolInterfaces =
            (delegate* unmanaged<Handle, Guid*, void*, Guid*, void*, void*, EfiStatus>)
            (delegate*<void>)&BootStubs.UninstallMultipleProtocolInterfacesThunk;
    }

    /// <summary>Installs an interface on behalf of the running loader.</summary>
    public static EfiStatus Install(Handle* handle, Guid* guid, void* @interface)
    {
        if (!Journal.HasRoom)
            return EfiStatus.OutOfResources;
        EfiStatus status = FirmwareAccess.Services->InstallProtocolInterface(handle, guid, InterfaceType.Native, @interface);
        if (!status.IsError)
            Journal.Add(new JournalEntry { Kind = JournalKind.Installed, Handle = *handle, Guid = *guid, Interface = @interface });
        return status;
    }

    /// <summary>Removes an interface on behalf of the running loader.</summary>
    public static EfiStatus Uninstall(Handle handle, Guid* guid, void* @interface)
    {
        if (!Journal.HasRoom)
            return EfiStatus.OutOfResources;
        EfiStatus status = FirmwareAccess.Services->UninstallProtocolInterface(handle, guid, @interface);
        if (status.IsError)
            return status;
        Tpl previous = Session.Enter();
        int index = Journal.FindInterface(handle, *guid, @interface);
        if (index < 0)
            Journal.Add(new JournalEntry { Kind = JournalKind.Removed, Handle = handle, Guid = *guid, Previous = @interface });
        else if (Journal.At(index).Kind == JournalKind.Installed)
            Journal.RemoveAt(index);
        else
            Journal.At(index).Kind = JournalKind.Removed;
        Session.Leave(previous);
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus InstallProtocolInterface(Handle* handle, Guid* guid, InterfaceType type, void* @interface)
    {
        if (handle == null || guid == null || type != InterfaceType.Native)
            return EfiStatus.InvalidParameter;
        return Install(handle, guid, @interface);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus ReinstallProtocolInterface(Handle handle, Guid* guid, void* old, void* @new)
    {
        if (!Journal.HasRoom)
            return EfiStatus.OutOfResources;
        EfiStatus status = FirmwareAccess.Services->ReinstallProtocolInterface(handle, guid, old, @new);
        if (status.IsError)
            return status;
        Tpl previous = Session.Enter();
        int index = Journal.FindInterface(handle, *guid, old);
        if (index < 0)
            Journal.Add(new JournalEntry { Kind = JournalKind.Replaced, Handle = handle, Guid = *guid, Interface = @new, Previous = old });
        else
            Journal.At(index).Interface = @new;
        Session.Leave(previous);
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus UninstallProtocolInterface(Handle handle, Guid* guid, void* @interface) => Uninstall(handle, guid, @interface);

    [UnmanagedCallersOnly]
    private static EfiStatus OpenProtocol(
        Handle handle, Guid* guid, void** @interface, Handle agent, Handle controller, OpenProtocolAttributes attributes)
    {
        const OpenProtocolAttributes Felt =
            OpenProtocolAttributes.ByDriver | OpenProtocolAttributes.Exclusive | OpenProtocolAttributes.ByChildController;
        bool isFelt = (attributes & Felt) != 0;
        if (isFelt && !Journal.HasRoom)
            return EfiStatus.OutOfResources;
        EfiStatus status = FirmwareAccess.Services->OpenProtocol(handle, guid, @interface, agent, controller, attributes);
        if (isFelt && !status.IsError)
        {
            Journal.Add(new JournalEntry
            {
                Kind = JournalKind.Opened,
                Handle = handle,
                Guid = *guid,
                Agent = agent,
                Controller = controller,
                Attributes = attributes,
            });
        }

        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus CloseProtocol(Handle handle, Guid* guid, Handle agent, Handle controller)
    {
        EfiStatus status = FirmwareAccess.Services->CloseProtocol(handle, guid, agent, controller);
        if (!status.IsError)
            Journal.RemoveOpened(handle, *guid, agent, controller);
        return status;
    }

    /// <summary>UEFI 2.10, 7.3.18: pairs of GUID and interface up to a null; all of them or none.</summary>
    [RuntimeExport("InstallMultipleProtocolInterfaces")]
    private static EfiStatus InstallMultipleProtocolInterfaces(Handle* handle, void** pairs)
    {
        if (handle == null)
            return EfiStatus.InvalidParameter;
        Tpl previous = Session.Enter();
        Handle old = *handle;
        EfiStatus status = EfiStatus.Success;
        int done = 0;
        for (; pairs[done] != null && !status.IsError; done += 2)
        {
            status = IsKnownDevicePath((Guid*)pairs[done], pairs[done + 1])
                ? EfiStatus.AlreadyStarted
                : Install(handle, (Guid*)pairs[done], pairs[done + 1]);
        }

        if (status.IsError)
        {
            // The last one is that which failed.
            for (int i = done - 4; i >= 0; i -= 2)
                Uninstall(*handle, (Guid*)pairs[i], pairs[i + 1]);
            *handle = old;
        }

        Session.Leave(previous);
        return status;
    }

    /// <summary>UEFI 2.10, 7.3.19: pairs of GUID and interface up to a null; all of them or none.</summary>
    [RuntimeExport("UninstallMultipleProtocolInterfaces")]
    private static EfiStatus UninstallMultipleProtocolInterfaces(Handle handle, void** pairs)
    {
        EfiStatus status = EfiStatus.Success;
        int done = 0;
        for (; pairs[done] != null && !status.IsError; done += 2)
            status = Uninstall(handle, (Guid*)pairs[done], pairs[done + 1]);
        if (status.IsError)
        {
            for (int i = done - 4; i >= 0; i -= 2)
                Install(&handle, (Guid*)pairs[i], pairs[i + 1]);
            status = EfiStatus.InvalidParameter;
        }

        return status;
    }

    /// <summary>A device path may be in the handle database only once.</summary>
    private static bool IsKnownDevicePath(Guid* guid, void* @interface)
    {
        if (*guid != DevicePath.Protocol)
            return false;
        Guid protocol = DevicePath.Protocol;
        var rest = (DevicePath*)@interface;
        Handle found = default;
        return !FirmwareAccess.Services->LocateDevicePath(&protocol, &rest, &found).IsError && rest->Type == DevicePathType.End;
    }
}

using System;
using System.Runtime;
using System.Runtime.InteropServices;
using Switcher.Efi.Cpu;
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
    public static EfiStatus Install(Session* session, Handle* handle, Guid* guid, void* @interface)
    {
        if (!session->Journal.HasRoom)
            return EfiStatus.OutOfResources;
        EfiStatus status = session->Firmware->Services->InstallProtocolInterface(handle, guid, InterfaceType.Native, @interface);
        if (!status.IsError)
            session->Journal.Add(new JournalEntry { Kind = JournalKind.Installed, Handle = *handle, Guid = *guid, Interface = @interface });
        return status;
    }

    /// <summary>Removes an interface on behalf of the running loader.</summary>
    public static EfiStatus Uninstall(Session* session, Handle handle, Guid* guid, void* @interface)
    {
        // What is the loader's own only leaves the journal, full as it may be.
        if (guid != null && !session->Journal.HasRoom && session->Journal.FindInterface(handle, *guid, @interface) < 0)
            return EfiStatus.OutOfResources;
        EfiStatus status = session->Firmware->Services->UninstallProtocolInterface(handle, guid, @interface);
        if (status.IsError)
            return status;
        Tpl previous = session->Enter();
        int index = session->Journal.FindInterface(handle, *guid, @interface);
        if (index < 0)
            session->Journal.Add(new JournalEntry { Kind = JournalKind.Removed, Handle = handle, Guid = *guid, Previous = @interface });
        else if (session->Journal.At(index).Kind == JournalKind.Installed)
            session->Journal.RemoveAt(index);
        else
            session->Journal.At(index).Kind = JournalKind.Removed;
        session->Leave(previous);
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus InstallProtocolInterface(Handle* handle, Guid* guid, InterfaceType type, void* @interface)
    {
        if (handle == null || guid == null || type != InterfaceType.Native)
            return EfiStatus.InvalidParameter;
        return Install(Session.Current, handle, guid, @interface);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus ReinstallProtocolInterface(Handle handle, Guid* guid, void* old, void* @new)
    {
        Session* session = Session.Current;
        if (!session->Journal.HasRoom)
            return EfiStatus.OutOfResources;
        EfiStatus status = session->Firmware->Services->ReinstallProtocolInterface(handle, guid, old, @new);
        if (status.IsError)
            return status;
        Tpl previous = session->Enter();
        int index = session->Journal.FindInterface(handle, *guid, old);
        var entry = new JournalEntry { Kind = JournalKind.Replaced, Handle = handle, Guid = *guid, Interface = @new, Previous = old };
        if (index < 0)
            session->Journal.Add(entry);
        else
            session->Journal.At(index).Interface = @new;
        session->Leave(previous);
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus UninstallProtocolInterface(Handle handle, Guid* guid, void* @interface) =>
        Uninstall(Session.Current, handle, guid, @interface);

    [UnmanagedCallersOnly]
    private static EfiStatus OpenProtocol(
        Handle handle, Guid* guid, void** @interface, Handle agent, Handle controller, OpenProtocolAttributes attributes)
    {
        Session* session = Session.Current;
        const OpenProtocolAttributes Felt =
            OpenProtocolAttributes.ByDriver | OpenProtocolAttributes.Exclusive | OpenProtocolAttributes.ByChildController;
        bool isFelt = (attributes & Felt) != 0;
        if (isFelt && !session->Journal.HasRoom)
            return EfiStatus.OutOfResources;
        EfiStatus status = session->Firmware->Services->OpenProtocol(handle, guid, @interface, agent, controller, attributes);
        if (isFelt && !status.IsError)
        {
            session->Journal.Add(new JournalEntry
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
        Session* session = Session.Current;
        EfiStatus status = session->Firmware->Services->CloseProtocol(handle, guid, agent, controller);
        if (!status.IsError)
            session->Journal.RemoveOpened(handle, *guid, agent, controller);
        return status;
    }

    /// <summary>UEFI 2.10, 7.3.18: pairs of GUID and interface up to a null; all of them or none.</summary>
    [RuntimeExport("InstallMultipleProtocolInterfaces")]
    internal static EfiStatus InstallMultipleProtocolInterfaces(Handle* handle, void** pairs)
    {
        if (handle == null)
            return EfiStatus.InvalidParameter;
        Session* session = Session.Current;
        Tpl previous = session->Enter();
        Handle old = *handle;
        EfiStatus status = EfiStatus.Success;
        int done = 0;
        for (; pairs[done] != null && !status.IsError; done += 2)
        {
            status = IsKnownDevicePath(session, (Guid*)pairs[done], pairs[done + 1])
                ? EfiStatus.AlreadyStarted
                : Install(session, handle, (Guid*)pairs[done], pairs[done + 1]);
        }

        if (status.IsError)
        {
            // The last one is that which failed.
            for (int i = done - 4; i >= 0; i -= 2)
                Uninstall(session, *handle, (Guid*)pairs[i], pairs[i + 1]);
            *handle = old;
        }

        session->Leave(previous);
        return status;
    }

    /// <summary>UEFI 2.10, 7.3.19: pairs of GUID and interface up to a null; all of them or none.</summary>
    [RuntimeExport("UninstallMultipleProtocolInterfaces")]
    internal static EfiStatus UninstallMultipleProtocolInterfaces(Handle handle, void** pairs)
    {
        Session* session = Session.Current;
        EfiStatus status = EfiStatus.Success;
        int done = 0;
        for (; pairs[done] != null && !status.IsError; done += 2)
            status = Uninstall(session, handle, (Guid*)pairs[done], pairs[done + 1]);
        if (status.IsError)
        {
            for (int i = done - 4; i >= 0; i -= 2)
                Install(session, &handle, (Guid*)pairs[i], pairs[i + 1]);
            status = EfiStatus.InvalidParameter;
        }

        return status;
    }

    /// <summary>A device path may be in the handle database only once.</summary>
    private static bool IsKnownDevicePath(Session* session, Guid* guid, void* @interface)
    {
        if (*guid != DevicePath.Protocol)
            return false;
        Guid protocol = DevicePath.Protocol;
        var rest = (DevicePath*)@interface;
        Handle found = default;
        return !session->Firmware->Services->LocateDevicePath(&protocol, &rest, &found).IsError && rest->Type == DevicePathType.End;
    }
}

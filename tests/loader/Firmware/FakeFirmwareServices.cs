using System;
using System.Linq;
using System.Runtime.InteropServices;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Loader.Firmware;

/// <summary>The functions in the tables. They answer for bad arguments what UEFI 2.10, chapter 7, says.</summary>
internal sealed unsafe partial class FakeFirmware
{
    private static FakeFirmware Current => s_current!;

    private static void FillServices(BootServices* services)
    {
        services->RaiseTpl = &RaiseTpl;
        services->RestoreTpl = &RestoreTpl;
        services->AllocatePages = &AllocatePages;
        services->FreePages = &FreePages;
        services->GetMemoryMap = &GetMemoryMap;
        services->AllocatePool = &AllocatePool;
        services->FreePool = &FreePool;
        services->CreateEvent = &CreateEvent;
        services->CreateEventEx = &CreateEventEx;
        services->SignalEvent = &SignalEvent;
        services->CloseEvent = &CloseEvent;
        services->InstallProtocolInterface = &InstallProtocolInterface;
        services->ReinstallProtocolInterface = &ReinstallProtocolInterface;
        services->UninstallProtocolInterface = &UninstallProtocolInterface;
        services->HandleProtocol = &HandleProtocol;
        services->LocateProtocol = &LocateProtocol;
        services->LocateHandleBuffer = &LocateHandleBuffer;
        services->LocateDevicePath = &LocateDevicePath;
        services->ProtocolsPerHandle = &ProtocolsPerHandle;
        services->OpenProtocol = &OpenProtocol;
        services->CloseProtocol = &CloseProtocol;
        services->OpenProtocolInformation = &OpenProtocolInformation;
        services->ConnectController = &ConnectController;
        services->DisconnectController = &DisconnectController;
        services->InstallConfigurationTable = &InstallConfigurationTable;
        services->LoadImage = &LoadImage;
        services->StartImage = &StartImage;
        services->Stall = &Stall;
        services->ExitBootServices = &ExitBootServices;
        services->SetWatchdogTimer = &SetWatchdogTimer;
        services->CalculateCrc32 = &CalculateCrc32;
    }

    [UnmanagedCallersOnly]
    private static Tpl RaiseTpl(Tpl level) => Current.Events.Raise(level);

    [UnmanagedCallersOnly]
    private static void RestoreTpl(Tpl level) => Current.Events.Restore(level);

    [UnmanagedCallersOnly]
    private static EfiStatus AllocatePages(AllocateType how, MemoryType type, nuint count, ulong* memory)
    {
        if (memory == null)
            return EfiStatus.InvalidParameter;
        ulong address = *memory;
        EfiStatus status = Current.Pages.Allocate(how, type, count, ref address);
        if (status.IsError)
            return status;
        *memory = address;

        // Whoever takes fresh memory for zeros is found out.
        if (how != AllocateType.Address)
            new Span<byte>((void*)address, (int)count * MemoryDescriptor.PageSize).Fill(0xAF);
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus FreePages(ulong memory, nuint count) => Current.Pages.Free(memory, count);

    [UnmanagedCallersOnly]
    private static EfiStatus GetMemoryMap(nuint* size, MemoryDescriptor* map, nuint* key, nuint* stride, uint* version)
    {
        MemoryDescriptor[] descriptors = Current.Pages.Descriptors().ToArray();
        nuint needed = (nuint)(descriptors.Length * Stride);
        bool fits = *size >= needed;
        *size = needed;
        *stride = Stride;
        *version = MemoryDescriptor.CurrentVersion;
        if (!fits)
            return EfiStatus.BufferTooSmall;
        for (int i = 0; i < descriptors.Length; i++)
            *(MemoryDescriptor*)((byte*)map + (i * Stride)) = descriptors[i];
        *key = (nuint)Current.Pages.Key;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus AllocatePool(MemoryType type, nuint size, void** buffer)
    {
        *buffer = (void*)Current.Pages.AllocatePool(size);
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus FreePool(void* buffer) => Current.Pages.FreePool((ulong)buffer);

    [UnmanagedCallersOnly]
    private static EfiStatus CreateEvent(
        EventType type, Tpl level, delegate* unmanaged<Event, void*, void> notify, void* context, Event* created)
    {
        if (created == null)
            return EfiStatus.InvalidParameter;
        EfiStatus status = Current.Events.Create(type, level, notify, context, Guid.Empty, out ulong id);
        *created = new Event((void*)id);
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus CreateEventEx(
        EventType type, Tpl level, delegate* unmanaged<Event, void*, void> notify, void* context, Guid* group, Event* created)
    {
        if (created == null)
            return EfiStatus.InvalidParameter;
        EfiStatus status = Current.Events.Create(type, level, notify, context, group == null ? Guid.Empty : *group, out ulong id);
        *created = new Event((void*)id);
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus SignalEvent(Event @event) => Current.Events.Signal((ulong)@event.Value);

    [UnmanagedCallersOnly]
    private static EfiStatus CloseEvent(Event @event) => Current.Events.Close((ulong)@event.Value);

    [UnmanagedCallersOnly]
    private static EfiStatus InstallProtocolInterface(Handle* handle, Guid* guid, InterfaceType type, void* @interface)
    {
        if (handle == null || guid == null || type != InterfaceType.Native)
            return EfiStatus.InvalidParameter;
        ulong value = (ulong)handle->Value;
        EfiStatus status = Current.Handles.Install(ref value, *guid, (ulong)@interface);
        if (!status.IsError)
            *handle = new Handle((void*)value);
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus ReinstallProtocolInterface(Handle handle, Guid* guid, void* old, void* @new) => guid == null
        ? EfiStatus.InvalidParameter
        : Current.Handles.Reinstall((ulong)handle.Value, *guid, (ulong)old, (ulong)@new);

    [UnmanagedCallersOnly]
    private static EfiStatus UninstallProtocolInterface(Handle handle, Guid* guid, void* @interface) => guid == null
        ? EfiStatus.InvalidParameter
        : Current.Handles.Uninstall((ulong)handle.Value, *guid, (ulong)@interface);

    [UnmanagedCallersOnly]
    private static EfiStatus HandleProtocol(Handle handle, Guid* guid, void** @interface)
    {
        if (guid == null || @interface == null || !Current.Handles.Contains((ulong)handle.Value))
            return EfiStatus.InvalidParameter;
        ulong? found = Current.Handles.Interface((ulong)handle.Value, *guid);
        *@interface = (void*)(found ?? 0);
        return found == null ? EfiStatus.Unsupported : EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus LocateProtocol(Guid* guid, void* registration, void** @interface)
    {
        foreach (ulong handle in Current.Handles.With(*guid))
        {
            *@interface = (void*)Current.Handles.Interface(handle, *guid)!.Value;
            return EfiStatus.Success;
        }

        *@interface = null;
        return EfiStatus.NotFound;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus LocateHandleBuffer(LocateSearchType type, Guid* guid, void* key, nuint* count, Handle** buffer)
    {
        ulong[] found = (type == LocateSearchType.AllHandles ? Current.Handles.Handles : Current.Handles.With(*guid)).ToArray();
        *count = (nuint)found.Length;
        if (found.Length == 0)
            return EfiStatus.NotFound;
        *buffer = (Handle*)Current.Pages.AllocatePool((ulong)(found.Length * sizeof(Handle)));
        for (int i = 0; i < found.Length; i++)
            (*buffer)[i] = new Handle((void*)found[i]);
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus LocateDevicePath(Guid* guid, DevicePath** path, Handle* handle)
    {
        int best = -1;
        foreach (ulong candidate in Current.Handles.With(*guid))
        {
            var known = (DevicePath*)(Current.Handles.Interface(candidate, DevicePath.Protocol) ?? 0);
            int length = known == null ? -1 : LengthWithoutEnd(known);
            if (length <= best || LengthWithoutEnd(*path) < length
                || !new Span<byte>(known, length).SequenceEqual(new Span<byte>(*path, length)))
                continue;
            best = length;
            *handle = new Handle((void*)candidate);
        }

        if (best < 0)
            return EfiStatus.NotFound;
        *path = (DevicePath*)((byte*)*path + best);
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus ProtocolsPerHandle(Handle handle, Guid*** buffer, nuint* count)
    {
        Guid[] guids = Current.Handles.Protocols((ulong)handle.Value).ToArray();
        if (guids.Length == 0)
            return EfiStatus.InvalidParameter;

        // The GUIDs themselves behind the pointers, in one block.
        *buffer = (Guid**)Current.Pages.AllocatePool((ulong)(guids.Length * (sizeof(Guid*) + sizeof(Guid))));
        var storage = (Guid*)(*buffer + guids.Length);
        for (int i = 0; i < guids.Length; i++)
        {
            storage[i] = guids[i];
            (*buffer)[i] = storage + i;
        }

        *count = (nuint)guids.Length;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus OpenProtocol(
        Handle handle, Guid* guid, void** @interface, Handle agent, Handle controller, OpenProtocolAttributes attributes)
    {
        if (guid == null || (@interface == null && attributes != OpenProtocolAttributes.TestProtocol))
            return EfiStatus.InvalidParameter;
        EfiStatus status = Current.Handles.Open(
            (ulong)handle.Value, *guid, (ulong)agent.Value, (ulong)controller.Value, attributes, out ulong found);
        if (@interface != null)
            *@interface = (void*)found;
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus CloseProtocol(Handle handle, Guid* guid, Handle agent, Handle controller) => guid == null
        ? EfiStatus.InvalidParameter
        : Current.Handles.Close((ulong)handle.Value, *guid, (ulong)agent.Value, (ulong)controller.Value);

    [UnmanagedCallersOnly]
    private static EfiStatus OpenProtocolInformation(Handle handle, Guid* guid, OpenProtocolInformationEntry** buffer, nuint* count)
    {
        var opens = Current.Handles.Opens((ulong)handle.Value, *guid);
        if (opens == null)
            return EfiStatus.NotFound;
        *count = (nuint)opens.Count;
        *buffer = (OpenProtocolInformationEntry*)Current.Pages.AllocatePool((ulong)(opens.Count * sizeof(OpenProtocolInformationEntry)));
        for (int i = 0; i < opens.Count; i++)
        {
            (*buffer)[i] = new OpenProtocolInformationEntry
            {
                AgentHandle = new Handle((void*)opens[i].Agent),
                ControllerHandle = new Handle((void*)opens[i].Controller),
                Attributes = opens[i].Attributes,
                OpenCount = 1,
            };
        }

        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus ConnectController(Handle controller, Handle* drivers, DevicePath* remaining, byte isRecursive)
    {
        Current.Handles.Connects++;
        Current.OnConnect?.Invoke((ulong)controller.Value);
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus DisconnectController(Handle controller, Handle driver, Handle child)
    {
        Current.OnDisconnect?.Invoke((ulong)controller.Value);
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus InstallConfigurationTable(Guid* guid, void* table) =>
        guid == null ? EfiStatus.InvalidParameter : Current.SetTable(*guid, (ulong)table);

    [UnmanagedCallersOnly]
    private static EfiStatus ExitBootServices(Handle image, nuint key)
    {
        Current.ExitCalls++;
        Current.Events.SignalGroup(EventGroup.BeforeExitBootServices);
        if (key != (nuint)Current.Pages.Key || !Current.Handles.Contains((ulong)image.Value))
            return EfiStatus.InvalidParameter;
        Current.Events.SignalGroup(EventGroup.ExitBootServices);
        Current.HasExited = true;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus LoadImage(byte bootPolicy, Handle parent, DevicePath* path, void* buffer, nuint size, Handle* loaded)
    {
        LoadedImage* info = Current.Make<LoadedImage>();
        info->ParentHandle = parent;
        info->FilePath = path;
        *loaded = Current.Install(LoadedImage.Protocol, info);
        return EfiStatus.Success;
    }

    /// <summary>Every image is an application: it is unloaded when it returns.</summary>
    [UnmanagedCallersOnly]
    private static EfiStatus StartImage(Handle image, nuint* exitDataSize, char** exitData)
    {
        EfiStatus status = Current.StartedImage(image);
        ulong info = Current.Handles.Interface((ulong)image.Value, LoadedImage.Protocol)!.Value;
        Current.Handles.Uninstall((ulong)image.Value, LoadedImage.Protocol, info);
        Current.Pages.FreePool(info);
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus Stall(nuint microseconds)
    {
        Current.Stalled += microseconds;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus SetWatchdogTimer(nuint seconds, ulong code, nuint size, char* data)
    {
        Current.WatchdogSeconds = seconds;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus CalculateCrc32(void* data, nuint size, uint* crc)
    {
        *crc = Crc32((byte*)data, size);
        return EfiStatus.Success;
    }

    private static int LengthWithoutEnd(DevicePath* path)
    {
        DevicePath* node = path;
        while (node->Type != DevicePathType.End)
            node = (DevicePath*)((byte*)node + node->Length);
        return (int)((byte*)node - (byte*)path);
    }
}

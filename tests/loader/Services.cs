using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Switcher.Efi.Cpu;
using Switcher.Efi.Loader;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;
using Switcher.Tests.Loader.Firmware;

namespace Switcher.Tests.Loader;

/// <summary>What an image does: an OS loader, a driver.</summary>
/// <returns>What its entry point returns.</returns>
internal delegate EfiStatus LoaderProgram(Services services);

/// <summary>The boot services as an image has them: through the system table that it was started with, by C's calling convention.</summary>
internal sealed unsafe class Services(Handle image, SystemTable* table)
{
    public Handle Image => image;

    public SystemTable* Table => table;

    public BootServices* Boot => table->BootServices;

    public EfiStatus AllocatePages(AllocateType type, MemoryType memoryType, ulong pages, ref ulong address)
    {
        fixed (ulong* pointer = &address)
            return Boot->AllocatePages(type, memoryType, (nuint)pages, pointer);
    }

    public EfiStatus AllocatePages(MemoryType memoryType, ulong pages, out ulong address)
    {
        address = 0;
        return AllocatePages(AllocateType.AnyPages, memoryType, pages, ref address);
    }

    public EfiStatus FreePages(ulong address, ulong pages) => Boot->FreePages(address, (nuint)pages);

    public EfiStatus AllocatePool(MemoryType type, ulong size, out ulong address)
    {
        void* buffer = null;
        EfiStatus status = Boot->AllocatePool(type, (nuint)size, &buffer);
        address = (ulong)buffer;
        return status;
    }

    public EfiStatus FreePool(ulong address) => Boot->FreePool((void*)address);

    /// <summary>The map, or null if the call failed.</summary>
    public List<MemoryDescriptor>? GetMemoryMap(out nuint key)
    {
        key = 0;
        nuint size = 64 * 1024;
        nuint mapKey = 0;
        nuint stride = 0;
        uint version = 0;
        byte[] buffer = new byte[size];
        fixed (byte* bytes = buffer)
        {
            if (Boot->GetMemoryMap(&size, (MemoryDescriptor*)bytes, &mapKey, &stride, &version).IsError)
                return null;
        }

        key = mapKey;
        var map = new List<MemoryDescriptor>();
        for (int at = 0; at < (int)size; at += (int)stride)
            map.Add(MemoryMarshal.Read<MemoryDescriptor>(buffer.AsSpan(at)));
        return map;
    }

    public EfiStatus Install(ref Handle handle, Guid guid, ulong @interface)
    {
        fixed (Handle* pointer = &handle)
            return Boot->InstallProtocolInterface(pointer, &guid, InterfaceType.Native, (void*)@interface);
    }

    public EfiStatus Reinstall(Handle handle, Guid guid, ulong old, ulong @new) =>
        Boot->ReinstallProtocolInterface(handle, &guid, (void*)old, (void*)@new);

    public EfiStatus Uninstall(Handle handle, Guid guid, ulong @interface) =>
        Boot->UninstallProtocolInterface(handle, &guid, (void*)@interface);

    public EfiStatus InstallMultiple(ref Handle handle, params (Guid Guid, ulong Interface)[] pairs)
    {
        void** array = stackalloc void*[(2 * pairs.Length) + 1];
        Guid* guids = stackalloc Guid[pairs.Length];
        WritePairs(pairs, array, guids);
        fixed (Handle* pointer = &handle)
            return ProtocolServices.InstallMultipleProtocolInterfaces(pointer, array);
    }

    public EfiStatus UninstallMultiple(Handle handle, params (Guid Guid, ulong Interface)[] pairs)
    {
        void** array = stackalloc void*[(2 * pairs.Length) + 1];
        Guid* guids = stackalloc Guid[pairs.Length];
        WritePairs(pairs, array, guids);
        return ProtocolServices.UninstallMultipleProtocolInterfaces(handle, array);
    }

    public EfiStatus Open(Handle handle, Guid guid, Handle agent, Handle controller, OpenProtocolAttributes attributes)
    {
        void* @interface = null;
        return Boot->OpenProtocol(handle, &guid, &@interface, agent, controller, attributes);
    }

    public EfiStatus Close(Handle handle, Guid guid, Handle agent, Handle controller) =>
        Boot->CloseProtocol(handle, &guid, agent, controller);

    public EfiStatus CreateEvent(EventType type, Tpl tpl, Action? notify, out Event created)
    {
        Event result = default;
        EfiStatus status = notify == null
            ? Boot->CreateEvent(type, tpl, null, null, &result)
            : Boot->CreateEvent(type, tpl, &Notifications.Run, Notifications.Add(notify), &result);
        created = result;
        return status;
    }

    public EfiStatus CreateEventEx(EventType type, Tpl tpl, Action notify, Guid group, out Event created)
    {
        Event result = default;
        EfiStatus status = Boot->CreateEventEx(type, tpl, &Notifications.Run, Notifications.Add(notify), &group, &result);
        created = result;
        return status;
    }

    public EfiStatus CloseEvent(Event @event) => Boot->CloseEvent(@event);

    public EfiStatus Signal(Event @event) => Boot->SignalEvent(@event);

    public EfiStatus InstallTable(Guid guid, ulong address) => Boot->InstallConfigurationTable(&guid, (void*)address);

    /// <summary>Loads an image from memory.</summary>
    public EfiStatus Load(byte[] file, out Handle loaded)
    {
        Handle result = default;
        EfiStatus status;
        fixed (byte* bytes = file)
            status = Boot->LoadImage(0, image, null, bytes, (nuint)file.Length, &result);
        loaded = result;
        return status;
    }

    public EfiStatus Start(Handle loaded) => ComeBack(Boot->StartImage(loaded, null, null));

    public EfiStatus Unload(Handle loaded) => Boot->UnloadImage(loaded);

    /// <summary>Does not come back where it succeeds for the running image.</summary>
    public EfiStatus Exit(Handle running, EfiStatus status) => ComeBack(Boot->Exit(running, status, 0, null));

    /// <summary>Does not come back where it succeeds.</summary>
    public EfiStatus ExitBootServices(nuint key)
    {
        // The fields of the thunk, which its code (stubs/BootStubs.cs) works with in this order.
        var thunk = (ParkThunk*)Boot->ExitBootServices - 1;
        EfiStatus status = ((delegate* unmanaged<Handle, nuint, EfiStatus>)thunk->Hook)(image, key);
        if (status.Value != 0)
            return status;
        Machine.Current.Parks(*thunk);
        Leave((ulong*)thunk->Frame);
        return EfiStatus.Success;
    }

    /// <summary>Gets the map and exits with its key, as a loader does.</summary>
    public EfiStatus ExitBootServices()
    {
        GetMemoryMap(out nuint key);
        return ExitBootServices(key);
    }

    private static void Leave(ulong* frame)
    {
        BootStubs.LeaveImage(frame, EfiStatus.Success);
        throw new ImageLeftException();
    }

    private static EfiStatus ComeBack(EfiStatus status) => BootStubs.LeavingTo == 0 ? status : throw new ImageLeftException();

    private static void WritePairs((Guid Guid, ulong Interface)[] pairs, void** array, Guid* guids)
    {
        for (int i = 0; i < pairs.Length; i++)
        {
            guids[i] = pairs[i].Guid;
            array[2 * i] = guids + i;
            array[(2 * i) + 1] = (void*)pairs[i].Interface;
        }

        array[2 * pairs.Length] = null;
    }
}

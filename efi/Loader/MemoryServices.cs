using System.Runtime.InteropServices;
using Switcher.Boot.Memory;
using Switcher.Boot.Partition;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;
using AllocateType = Switcher.Efi.Uefi.AllocateType;
using HvAllocateType = Switcher.Boot.Partition.AllocateType;
using HvMemoryType = Switcher.Boot.Memory.MemoryType;
using MemoryType = Switcher.Efi.Uefi.MemoryType;

namespace Switcher.Efi.Loader;

/// <summary>
/// The memory services of a guest (UEFI 2.10, 7.2 "Memory Allocation Services"): whatever its loader allocates lies in its partition. What
/// firmware or its drivers allocated for the loader goes back to the firmware.
/// </summary>
internal static unsafe class MemoryServices
{
    /// <summary>Puts the hooks into a guest's table.</summary>
    public static void Hook(BootServices* services)
    {
        services->AllocatePages = &AllocatePages;
        services->FreePages = &FreePages;
        services->AllocatePool = &AllocatePool;
        services->FreePool = &FreePool;
        services->GetMemoryMap = &GetMemoryMap;
    }

    /// <summary>The UEFI name of what the allocator answered.</summary>
    public static EfiStatus StatusOf(AllocationStatus status) => status switch
    {
        AllocationStatus.Success => EfiStatus.Success,
        AllocationStatus.InvalidParameter => EfiStatus.InvalidParameter,
        AllocationStatus.NotFound => EfiStatus.NotFound,
        _ => EfiStatus.OutOfResources,
    };

    /// <summary>Allocates pages in the running guest's partition for Switcher's own part of its loading.</summary>
    /// <returns>The address, or 0.</returns>
    public static ulong Allocate(Session* session, HvMemoryType type, ulong bytes, ulong maximum = ulong.MaxValue)
    {
        Tpl previous = session->Enter();
        ulong address = GuestBoot.Allocate(session->Guest, type, bytes, maximum);
        session->Leave(previous);
        return address;
    }

    /// <summary>Frees what <see cref="Allocate"/> gave.</summary>
    public static void Free(Session* session, ulong address, ulong bytes)
    {
        Tpl previous = session->Enter();
        session->Pages.Free(address, PageSize.AlignUp(bytes, PageSize.Small) / PageSize.Small);
        session->Leave(previous);
    }

    /// <summary>Allocates from the running guest's pool.</summary>
    /// <returns>The address, or null.</returns>
    public static void* AllocatePool(Session* session, ulong bytes)
    {
        Tpl previous = session->Enter();
        AllocationStatus status = session->Pool.Allocate(HvMemoryType.LoaderData, bytes, out ulong address);
        session->Leave(previous);
        return status == AllocationStatus.Success ? (void*)address : null;
    }

    /// <summary>Frees what <see cref="AllocatePool(Session*, ulong)"/> gave, or nothing for null.</summary>
    public static void FreeFromPool(Session* session, void* address)
    {
        Tpl previous = session->Enter();
        if (address != null)
            session->Pool.Free((ulong)address);
        session->Leave(previous);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus AllocatePages(AllocateType type, MemoryType memoryType, nuint pages, ulong* memory)
    {
        Session* session = Session.Current;
        if (memory == null)
            return EfiStatus.InvalidParameter;
        Tpl previous = session->Enter();
        ulong address = *memory;
        AllocationStatus status = session->Pages.Allocate((HvAllocateType)type, (HvMemoryType)memoryType, pages, ref address);
        session->Leave(previous);
        if (status == AllocationStatus.Success)
            *memory = address;
        return StatusOf(status);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus FreePages(ulong memory, nuint pages)
    {
        Session* session = Session.Current;
        Tpl previous = session->Enter();
        bool isOwn = session->Pages.Contains(memory);
        AllocationStatus status = isOwn ? session->Pages.Free(memory, pages) : default;
        session->Leave(previous);
        if (isOwn)
            return StatusOf(status);
        return session->Firmware->Services->FreePages(memory, pages);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus AllocatePool(MemoryType type, nuint size, void** buffer)
    {
        Session* session = Session.Current;
        if (buffer == null)
            return EfiStatus.InvalidParameter;
        Tpl previous = session->Enter();
        AllocationStatus status = session->Pool.Allocate((HvMemoryType)type, size, out ulong address);
        session->Leave(previous);
        if (status == AllocationStatus.Success)
            *buffer = (void*)address;
        return StatusOf(status);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus FreePool(void* buffer)
    {
        Session* session = Session.Current;
        Tpl previous = session->Enter();
        bool isOwn = session->Pages.Contains((ulong)buffer);
        AllocationStatus status = isOwn ? session->Pool.Free((ulong)buffer) : default;
        session->Leave(previous);
        return isOwn ? StatusOf(status) : session->Firmware->Services->FreePool(buffer);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus GetMemoryMap(
        nuint* mapSize, Uefi.MemoryDescriptor* map, nuint* mapKey, nuint* descriptorSize, uint* descriptorVersion)
    {
        Session* session = Session.Current;
        if (mapSize == null)
            return EfiStatus.InvalidParameter;
        if (descriptorSize != null)
            *descriptorSize = MapView.Stride;
        if (descriptorVersion != null)
            *descriptorVersion = Uefi.MemoryDescriptor.CurrentVersion;
        Tpl previous = session->Enter();
        EfiStatus status = session->Map.Write(session, mapSize, (byte*)map, mapKey);
        session->Leave(previous);
        return status;
    }
}

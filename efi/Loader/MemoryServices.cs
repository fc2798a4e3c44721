using System.Runtime.InteropServices;
using Switcher.Boot.Memory;
using Switcher.Boot.Partition;
using Switcher.Efi.Firmware;
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
    public static ulong Allocate(HvMemoryType type, ulong bytes, ulong maximum = ulong.MaxValue)
    {
        Tpl previous = Session.Enter();
        ulong address = maximum;
        HvAllocateType how = maximum == ulong.MaxValue ? HvAllocateType.AnyPages : HvAllocateType.MaxAddress;
        AllocationStatus status = Session.Pages.Allocate(how, type, PageSize.AlignUp(bytes, PageSize.Small) / PageSize.Small, ref address);
        Session.Leave(previous);
        return status == AllocationStatus.Success ? address : 0;
    }

    /// <summary>Frees what <see cref="Allocate"/> gave.</summary>
    public static void Free(ulong address, ulong bytes)
    {
        Tpl previous = Session.Enter();
        Session.Pages.Free(address, PageSize.AlignUp(bytes, PageSize.Small) / PageSize.Small);
        Session.Leave(previous);
    }

    /// <summary>Allocates from the running guest's pool.</summary>
    /// <returns>The address, or null.</returns>
    public static void* AllocatePool(ulong bytes)
    {
        Tpl previous = Session.Enter();
        AllocationStatus status = Session.Pool.Allocate(HvMemoryType.LoaderData, bytes, out ulong address);
        Session.Leave(previous);
        return status == AllocationStatus.Success ? (void*)address : null;
    }

    /// <summary>Frees what <see cref="AllocatePool(ulong)"/> gave, or nothing for null.</summary>
    public static void FreeFromPool(void* address)
    {
        Tpl previous = Session.Enter();
        if (address != null)
            Session.Pool.Free((ulong)address);
        Session.Leave(previous);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus AllocatePages(AllocateType type, MemoryType memoryType, nuint pages, ulong* memory)
    {
        if (memory == null)
            return EfiStatus.InvalidParameter;
        Tpl previous = Session.Enter();
        ulong address = *memory;
        AllocationStatus status = Session.Pages.Allocate((HvAllocateType)type, (HvMemoryType)memoryType, pages, ref address);
        bool isForeign = type == AllocateType.Address ? !Session.Pages.Contains(address) : type == AllocateType.MaxAddress;
        Session.Leave(previous);
        if (status == AllocationStatus.Success)
            *memory = address;

        // The guest that starts first owns what the firmware leaves, so it may ask for addresses there.
        else if (isForeign && !Session.IsParked && status != AllocationStatus.InvalidParameter)
            return FirmwareAccess.Services->AllocatePages(type, memoryType, pages, memory);
        return StatusOf(status);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus FreePages(ulong memory, nuint pages)
    {
        Tpl previous = Session.Enter();
        bool isOwn = Session.Pages.Contains(memory);
        AllocationStatus status = isOwn ? Session.Pages.Free(memory, pages) : default;
        Session.Leave(previous);
        return isOwn ? StatusOf(status) : FirmwareAccess.Services->FreePages(memory, pages);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus AllocatePool(MemoryType type, nuint size, void** buffer)
    {
        if (buffer == null)
            return EfiStatus.InvalidParameter;
        Tpl previous = Session.Enter();
        AllocationStatus status = Session.Pool.Allocate((HvMemoryType)type, size, out ulong address);
        Session.Leave(previous);
        if (status == AllocationStatus.Success)
            *buffer = (void*)address;
        return StatusOf(status);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus FreePool(void* buffer)
    {
        Tpl previous = Session.Enter();
        bool isOwn = Session.Pages.Contains((ulong)buffer);
        AllocationStatus status = isOwn ? Session.Pool.Free((ulong)buffer) : default;
        Session.Leave(previous);
        return isOwn ? StatusOf(status) : FirmwareAccess.Services->FreePool(buffer);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus GetMemoryMap(
        nuint* mapSize, Uefi.MemoryDescriptor* map, nuint* mapKey, nuint* descriptorSize, uint* descriptorVersion)
    {
        if (mapSize == null)
            return EfiStatus.InvalidParameter;
        if (descriptorSize != null)
            *descriptorSize = MapView.Stride;
        if (descriptorVersion != null)
            *descriptorVersion = Uefi.MemoryDescriptor.CurrentVersion;
        Tpl previous = Session.Enter();
        EfiStatus status = MapView.Write(mapSize, (byte*)map, mapKey);
        Session.Leave(previous);
        return status;
    }
}

using Switcher.Boot.Memory;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Guest;

/// <summary>The firmware's last memory map, kept: what of it is the guest's own, and what is memory at all.</summary>
internal static unsafe class MemoryMap
{
    /// <summary>Bytes kept for the map.</summary>
    public const int Capacity = 32 << 10;

    private static byte* s_map;
    private static nuint s_length;
    private static nuint s_stride;

    /// <summary>Number of descriptors.</summary>
    public static int Count => (int)(s_length / s_stride);

    /// <summary>Sets where the map is kept, <see cref="Capacity"/> bytes.</summary>
    public static void Start(ulong place) => s_map = (byte*)place;

    /// <summary>Reads the map anew.</summary>
    public static bool Read(BootServices* services, out nuint key)
    {
        nuint length = Capacity;
        nuint stride;
        nuint mapKey;
        uint version;
        EfiStatus status = services->GetMemoryMap(&length, (MemoryDescriptor*)s_map, &mapKey, &stride, &version);
        key = mapKey;
        s_length = length;
        s_stride = stride;
        return !status.IsError;
    }

    public static MemoryDescriptor* At(int index) => (MemoryDescriptor*)(s_map + ((nuint)index * s_stride));

    public static MemoryRange RangeOf(MemoryDescriptor* entry)
        => new(entry->PhysicalStart, entry->NumberOfPages * MemoryDescriptor.PageSize);

    /// <summary>UEFI 2.10, table 7.6 "Memory Type Usage after ExitBootServices()": what an operating system may use.</summary>
    public static bool IsUsable(MemoryDescriptor* entry) => entry->Type is MemoryType.Conventional or MemoryType.BootServicesCode
        or MemoryType.BootServicesData or MemoryType.LoaderCode or MemoryType.LoaderData;

    /// <summary>Memory that a table may lie in: anything in the map that is not for devices.</summary>
    public static bool IsMemory(MemoryRange range)
    {
        for (int i = 0; i < Count; i++)
        {
            bool isDevice = At(i)->Type is MemoryType.MappedIo or MemoryType.MappedIoPortSpace or MemoryType.Unusable;
            if (!isDevice && RangeOf(At(i)).Contains(range))
                return true;
        }

        return false;
    }

    /// <summary>The largest range that the map calls reserved: behind the hypervisor it is somebody else's.</summary>
    public static MemoryRange LargestReserved()
    {
        MemoryRange largest = default;
        for (int i = 0; i < Count; i++)
        {
            if (At(i)->Type == MemoryType.Reserved && RangeOf(At(i)).Length > largest.Length)
                largest = RangeOf(At(i));
        }

        return largest;
    }

    /// <summary>The end of the highest memory that the guest may use.</summary>
    public static ulong UsableEnd()
    {
        ulong end = 0;
        for (int i = 0; i < Count; i++)
        {
            if (IsUsable(At(i)) && RangeOf(At(i)).End > end)
                end = RangeOf(At(i)).End;
        }

        return end;
    }
}

using System;
using Switcher.Efi.Uefi;
using MemoryDescriptor = Switcher.Boot.Memory.MemoryDescriptor;

namespace Switcher.Efi.Firmware;

/// <summary>The firmware's memory map, read into memory of ours with descriptors of one size.</summary>
internal static unsafe class FirmwareMap
{
    /// <summary>Descriptors that there is room for.</summary>
    public const int Capacity = 1024;

    private const int RawBytes = Capacity * 64;

    private static byte* s_raw;
    private static MemoryDescriptor* s_descriptors;
    private static int s_count;

    /// <summary>The map as it was at the latest <see cref="Read"/>.</summary>
    public static ReadOnlySpan<MemoryDescriptor> Descriptors => new(s_descriptors, s_count);

    public static bool Create()
    {
        s_raw = (byte*)FirmwareAccess.Allocate(RawBytes);
        s_descriptors = FirmwareAccess.Allocate<MemoryDescriptor>(Capacity);
        return s_raw != null && s_descriptors != null;
    }

    /// <summary>Reads the map.</summary>
    /// <param name="key">What the firmware's ExitBootServices wants to see for this map.</param>
    public static bool Read(out nuint key)
    {
        nuint size = RawBytes;
        nuint mapKey = 0;
        nuint stride = 0;
        uint version = 0;
        EfiStatus status = FirmwareAccess.Services->GetMemoryMap(&size, (Uefi.MemoryDescriptor*)s_raw, &mapKey, &stride, &version);
        key = mapKey;
        if (status.IsError || stride < (nuint)sizeof(MemoryDescriptor) || size / stride > Capacity)
            return false;
        s_count = (int)(size / stride);
        for (int i = 0; i < s_count; i++)
            s_descriptors[i] = *(MemoryDescriptor*)(s_raw + ((nuint)i * stride));
        return true;
    }
}

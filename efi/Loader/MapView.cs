using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Switcher.Efi.Firmware;
using Switcher.Efi.Steps;
using Switcher.Efi.Uefi;
using HvMemoryDescriptor = Switcher.Boot.Memory.MemoryDescriptor;

namespace Switcher.Efi.Loader;

/// <summary>The memory map that the running guest gets, and its key.</summary>
internal static unsafe class MapView
{
    /// <summary>
    /// Bytes from one descriptor to the next. Larger than the structure, as most firmware does it, so that a loader that trusts its
    /// own sizeof fails here as it would there (UEFI 2.10, 7.2.3 GetMemoryMap()).
    /// </summary>
    public const int Stride = 48;

    private const int Capacity = FirmwareMap.Capacity + 256;

    private static HvMemoryDescriptor* s_view;

    // What the key that was handed out last stands for.
    private static nuint s_key;
    private static nuint s_firmwareKey;
    private static ulong s_generation;

    public static bool Create()
    {
        s_view = FirmwareAccess.Allocate<HvMemoryDescriptor>(Capacity);
        return s_view != null;
    }

    /// <summary>GetMemoryMap() for the running guest.</summary>
    public static EfiStatus Write(nuint* mapSize, byte* map, nuint* mapKey)
    {
        if (!FirmwareMap.Read(out nuint firmwareKey))
            return EfiStatus.OutOfResources;
        MapStatus status = GuestMemoryMap.Write(
            FirmwareMap.Descriptors, Partitions.Plan, Session.Pages.Descriptors, Session.Guest.Index, Session.Guest.Kind,
            new Span<HvMemoryDescriptor>(s_view, Capacity), out int count);
        if (status != MapStatus.Ok)
            return EfiStatus.OutOfResources;

        nuint size = (nuint)(count * Stride);
        bool fits = *mapSize >= size;
        *mapSize = size;
        if (!fits)
            return EfiStatus.BufferTooSmall;
        if (map == null || mapKey == null)
            return EfiStatus.InvalidParameter;
        new Span<byte>(map, (int)size).Clear();
        for (int i = 0; i < count; i++)
            *(HvMemoryDescriptor*)(map + (i * Stride)) = s_view[i];

        s_firmwareKey = firmwareKey;
        s_generation = Session.Pages.Generation;
        *mapKey = ++s_key;
        return EfiStatus.Success;
    }

    /// <summary>Whether a key is that of the guest's map as it is now, and the firmware's own key for it.</summary>
    public static bool IsCurrent(nuint key, out nuint firmwareKey)
    {
        firmwareKey = s_firmwareKey;
        return key == s_key && s_generation == Session.Pages.Generation;
    }
}

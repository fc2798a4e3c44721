using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Switcher.Efi.Firmware;
using Switcher.Efi.Uefi;
using HvMemoryDescriptor = Switcher.Boot.Memory.MemoryDescriptor;

namespace Switcher.Efi.Loader;

/// <summary>The memory map that the running guest gets, and its key.</summary>
internal unsafe struct MapView
{
    /// <summary>
    /// Bytes from one descriptor to the next. Larger than the structure, as most firmware does it, so that a loader that trusts its
    /// own sizeof fails here as it would there (UEFI 2.10, 7.2.3 GetMemoryMap()).
    /// </summary>
    public const int Stride = 48;

    private const int Capacity = FirmwareMap.Capacity + 256;

    private HvMemoryDescriptor* _view;

    // What the key that was handed out last stands for.
    private nuint _key;
    private nuint _firmwareKey;
    private ulong _generation;

    public bool Create(UefiFirmware* firmware)
    {
        _view = firmware->Allocate<HvMemoryDescriptor>(Capacity);
        return _view != null;
    }

    /// <summary>No key is current any more.</summary>
    public void Forget() => _generation = 0;

    /// <summary>GetMemoryMap() for the running guest.</summary>
    public EfiStatus Write(Session* session, nuint* mapSize, byte* map, nuint* mapKey)
    {
        if (!session->Firmware->Map.Read(out nuint firmwareKey))
            return EfiStatus.OutOfResources;
        MapStatus status = GuestMemoryMap.Write(
            session->Firmware->Map.Descriptors, session->Memory->Plan, session->Pages.Descriptors,
            session->Guest->Index, new Span<HvMemoryDescriptor>(_view, Capacity), out int count);
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
            *(HvMemoryDescriptor*)(map + (i * Stride)) = _view[i];

        // The same map has the same key.
        if (_firmwareKey != firmwareKey || _generation != session->Pages.Generation)
            _key++;
        _firmwareKey = firmwareKey;
        _generation = session->Pages.Generation;
        *mapKey = _key;
        return EfiStatus.Success;
    }

    /// <summary>Whether a key is that of the guest's map as it is now.</summary>
    public readonly bool IsCurrent(Session* session, nuint key) => key == _key && _generation == session->Pages.Generation;
}

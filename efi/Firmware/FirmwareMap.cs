using System;
using Switcher.Efi.Uefi;
using MemoryDescriptor = Switcher.Boot.Memory.MemoryDescriptor;

namespace Switcher.Efi.Firmware;

/// <summary>The firmware's memory map, read into memory of ours with descriptors of one size.</summary>
internal unsafe struct FirmwareMap
{
    /// <summary>Descriptors that there is room for.</summary>
    public const int Capacity = 1024;

    private const int RawBytes = Capacity * 64;

    private BootServices* _services;
    private byte* _raw;
    private MemoryDescriptor* _descriptors;
    private int _count;

    /// <summary>The map as it was at the latest <see cref="Read"/>.</summary>
    public readonly ReadOnlySpan<MemoryDescriptor> Descriptors => new(_descriptors, _count);

    public bool Create(UefiFirmware* firmware)
    {
        _services = firmware->Services;
        _raw = (byte*)firmware->Allocate(RawBytes);
        _descriptors = firmware->Allocate<MemoryDescriptor>(Capacity);
        return _raw != null && _descriptors != null;
    }

    /// <summary>Reads the map.</summary>
    /// <param name="key">What the firmware's ExitBootServices wants to see for this map.</param>
    public bool Read(out nuint key)
    {
        nuint size = RawBytes;
        nuint mapKey = 0;
        nuint stride = 0;
        uint version = 0;
        EfiStatus status = _services->GetMemoryMap(&size, (Uefi.MemoryDescriptor*)_raw, &mapKey, &stride, &version);
        key = mapKey;
        if (status.IsError || stride < (nuint)sizeof(MemoryDescriptor) || size / stride > Capacity)
            return false;
        _count = (int)(size / stride);
        for (int i = 0; i < _count; i++)
            _descriptors[i] = *(MemoryDescriptor*)(_raw + ((nuint)i * stride));
        return true;
    }
}

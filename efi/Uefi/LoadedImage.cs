using System;

namespace Switcher.Efi.Uefi;

/// <summary>EFI_LOADED_IMAGE_PROTOCOL: UEFI 2.10, section 9.1 "EFI Loaded Image Protocol".</summary>
public unsafe struct LoadedImage
{
    public const uint CurrentRevision = 0x1000;

    public uint Revision;
    public Handle ParentHandle;
    public SystemTable* SystemTable;
    public Handle DeviceHandle;
    public DevicePath* FilePath;
    public void* Reserved;

    /// <summary>Bytes.</summary>
    public uint LoadOptionsSize;
    public void* LoadOptions;
    public void* ImageBase;

    /// <summary>Bytes.</summary>
    public ulong ImageSize;
    public MemoryType ImageCodeType;
    public MemoryType ImageDataType;
    public delegate* unmanaged<Handle, EfiStatus> Unload;

    public static Guid Protocol => new(0x5b1b31a1, 0x9562, 0x11d2, 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b);

    /// <summary>EFI_LOADED_IMAGE_DEVICE_PATH_PROTOCOL: the interface is a <see cref="DevicePath"/>.</summary>
    public static Guid DevicePathProtocol => new(0xbc62157e, 0x3e33, 0x4fec, 0x99, 0x20, 0x2d, 0x3b, 0x36, 0xd7, 0x50, 0xdf);
}

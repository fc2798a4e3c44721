using System;
using System.Runtime.InteropServices;

namespace Switcher.Efi.Uefi;

/// <summary>The type of a device path node: UEFI 2.10, section 10.3.1 "Generic Device Path Structures".</summary>
public enum DevicePathType : byte
{
    Hardware = 0x01,
    Acpi = 0x02,
    Messaging = 0x03,
    Media = 0x04,
    BiosBootSpecification = 0x05,
    End = 0x7F,
}

/// <summary>The sub-types of <see cref="DevicePathType.Media"/>: UEFI 2.10, section 10.3.5 "Media Device Path".</summary>
public enum MediaDevicePath : byte
{
    HardDrive = 1,
    CdRom = 2,
    Vendor = 3,
    FilePath = 4,
    MediaProtocol = 5,
    FirmwareFile = 6,
    FirmwareVolume = 7,
    RelativeOffsetRange = 8,
    RamDisk = 9,
}

/// <summary>The sub-types of <see cref="DevicePathType.End"/>.</summary>
public enum EndDevicePath : byte
{
    Instance = 0x01,
    Entire = 0xFF,
}

/// <summary>EFI_DEVICE_PATH_PROTOCOL: the header of each node. The length field is unaligned, so it is two bytes here.</summary>
public struct DevicePath
{
    public DevicePathType Type;
    public byte SubType;
    public byte LengthLow;
    public byte LengthHigh;

    /// <summary>Bytes of the node, this header included.</summary>
    public readonly ushort Length => (ushort)(LengthLow | (LengthHigh << 8));

    public static Guid Protocol => new(0x09576e91, 0x6d3f, 0x11d2, 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b);
}

/// <summary>HARDDRIVE_DEVICE_PATH: a partition.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct HardDriveDevicePath
{
    public DevicePath Header;
    public uint PartitionNumber;

    /// <summary>First block.</summary>
    public ulong PartitionStart;

    /// <summary>Blocks.</summary>
    public ulong PartitionSize;

    /// <summary>The partition's GUID for GPT; the disk's 32-bit signature in the first bytes for MBR.</summary>
    public Guid Signature;

    /// <summary>1: MBR, 2: GPT.</summary>
    public byte PartitionFormat;

    /// <summary>0: none, 1: MBR signature, 2: GUID.</summary>
    public byte SignatureType;
}

/// <summary>
/// VENDOR_DEVICE_PATH of type media; a node for <see cref="LinuxInitrdMedia"/> offers Linux its initrd through LoadFile2.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct VendorDevicePath
{
    public DevicePath Header;
    public Guid VendorGuid;

    /// <summary>LINUX_EFI_INITRD_MEDIA_GUID: Linux, Documentation/arch/x86/boot.rst and drivers/firmware/efi/libstub.</summary>
    public static Guid LinuxInitrdMedia => new(0x5568e427, 0x68fc, 0x4f3d, 0xac, 0x74, 0xca, 0x55, 0x52, 0x31, 0xcc, 0x68);
}

using System;
using System.Runtime.InteropServices;
using Switcher.Efi.Firmware;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Loader;

/// <summary>
/// Offers a Linux kernel its initial RAM disk: LoadFile2 on a handle whose path is one vendor media node (Linux,
/// Documentation/arch/x86/boot.rst, LINUX_EFI_INITRD_MEDIA_GUID). The file is on the volume that the kernel came from.
/// </summary>
internal unsafe struct InitialRamDisk
{
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct MediaPath
    {
        public VendorDevicePath Vendor;
        public DevicePath End;
    }

    // First, so that the protocol's own pointer is the offer's.
    private LoadFile _protocol;
    private MediaPath _path;
    private UefiFirmware* _firmware;
    private Handle _volume;
    private char* _file;
    private Handle _handle;

    /// <summary>Makes an offer that is not installed yet, or null without memory.</summary>
    public static InitialRamDisk* Create(UefiFirmware* firmware)
    {
        InitialRamDisk* disk = firmware->Allocate<InitialRamDisk>(1);
        if (disk != null)
            disk->_firmware = firmware;
        return disk;
    }

    /// <summary>Installs an offer.</summary>
    /// <param name="disk">The offer.</param>
    /// <param name="volume">A handle with a Simple File System.</param>
    /// <param name="file">Path on it, with a NUL at its end.</param>
    public static EfiStatus Install(InitialRamDisk* disk, Handle volume, char* file)
    {
        disk->_volume = volume;
        disk->_file = file;
        disk->_protocol.Load = &Load;
        disk->_path.Vendor = new VendorDevicePath
        {
            Header = Node(DevicePathType.Media, (byte)MediaDevicePath.Vendor, sizeof(VendorDevicePath)),
            VendorGuid = VendorDevicePath.LinuxInitrdMedia,
        };
        disk->_path.End = Node(DevicePathType.End, (byte)EndDevicePath.Entire, sizeof(DevicePath));

        Guid path = DevicePath.Protocol;
        Guid load = LoadFile.Protocol2;
        BootServices* services = disk->_firmware->Services;
        EfiStatus status = services->InstallProtocolInterface(&disk->_handle, &path, InterfaceType.Native, &disk->_path);
        if (!status.IsError)
            status = services->InstallProtocolInterface(&disk->_handle, &load, InterfaceType.Native, &disk->_protocol);
        if (status.IsError)
            Uninstall(disk);
        return status;
    }

    /// <summary>Takes an offer back, if it is installed.</summary>
    public static void Uninstall(InitialRamDisk* disk)
    {
        if (disk->_handle.IsNull)
            return;
        Guid path = DevicePath.Protocol;
        Guid load = LoadFile.Protocol2;
        disk->_firmware->Services->UninstallProtocolInterface(disk->_handle, &load, &disk->_protocol);
        disk->_firmware->Services->UninstallProtocolInterface(disk->_handle, &path, &disk->_path);
        disk->_handle = default;
    }

    /// <summary>UEFI 2.10, 13.2.2 EFI_LOAD_FILE2_PROTOCOL.LoadFile().</summary>
    [UnmanagedCallersOnly]
    private static EfiStatus Load(LoadFile* self, DevicePath* path, byte bootPolicy, nuint* size, void* buffer)
    {
        if (self == null || path == null || size == null || !DevicePaths.IsEnd(path))
            return EfiStatus.InvalidParameter;
        if (bootPolicy != 0)
            return EfiStatus.Unsupported;

        // SAFETY: the protocol's interface is the first field of an offer.
        var disk = (InitialRamDisk*)self;
        EfiStatus status = FileReader.Open(disk->_firmware, disk->_volume, disk->_file, out File* file, out ulong length);
        if (status.IsError)
            return status;
        bool fits = buffer != null && *size >= (nuint)length;
        *size = (nuint)length;
        if (fits)
            return FileReader.ReadAndClose(file, buffer, length);
        file->Close(file);
        return EfiStatus.BufferTooSmall;
    }

    private static DevicePath Node(DevicePathType type, byte subType, int length) =>
        new() { Type = type, SubType = subType, LengthLow = (byte)length, LengthHigh = (byte)(length >> 8) };
}

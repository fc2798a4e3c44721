using System;
using System.Runtime.InteropServices;
using Switcher.Efi.Firmware;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Loader;

/// <summary>
/// Offers a Linux kernel its initial RAM disk: LoadFile2 on a handle whose path is one vendor media node (Linux,
/// Documentation/arch/x86/boot.rst, LINUX_EFI_INITRD_MEDIA_GUID). The file is on the volume that the kernel came from.
/// </summary>
internal static unsafe class InitialRamDisk
{
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct MediaPath
    {
        public VendorDevicePath Vendor;
        public DevicePath End;
    }

    private struct Offer
    {
        public LoadFile Protocol;
        public MediaPath Path;
        public Handle Volume;
        public char* File;
    }

    private static Offer* s_offer;

    public static bool Create()
    {
        s_offer = FirmwareAccess.Allocate<Offer>(1);
        return s_offer != null;
    }

    /// <summary>Installs the offer.</summary>
    /// <param name="volume">A handle with a Simple File System.</param>
    /// <param name="file">Path on it, with a NUL at its end.</param>
    /// <param name="handle">The new handle.</param>
    public static EfiStatus Install(Handle volume, char* file, out Handle handle)
    {
        s_offer->Volume = volume;
        s_offer->File = file;
        s_offer->Protocol.Load = &Load;
        s_offer->Path.Vendor = new VendorDevicePath
        {
            Header = Node(DevicePathType.Media, (byte)MediaDevicePath.Vendor, sizeof(VendorDevicePath)),
            VendorGuid = VendorDevicePath.LinuxInitrdMedia,
        };
        s_offer->Path.End = Node(DevicePathType.End, (byte)EndDevicePath.Entire, sizeof(DevicePath));

        Handle created = default;
        Guid path = DevicePath.Protocol;
        Guid load = LoadFile.Protocol2;
        EfiStatus status = FirmwareAccess.Services->InstallProtocolInterface(&created, &path, InterfaceType.Native, &s_offer->Path);
        if (!status.IsError)
            status = FirmwareAccess.Services->InstallProtocolInterface(&created, &load, InterfaceType.Native, &s_offer->Protocol);
        handle = created;
        if (status.IsError)
            Uninstall(created);
        return status;
    }

    /// <summary>Takes the offer back; nothing happens for no handle.</summary>
    public static void Uninstall(Handle handle)
    {
        if (handle.IsNull)
            return;
        Guid path = DevicePath.Protocol;
        Guid load = LoadFile.Protocol2;
        FirmwareAccess.Services->UninstallProtocolInterface(handle, &load, &s_offer->Protocol);
        FirmwareAccess.Services->UninstallProtocolInterface(handle, &path, &s_offer->Path);
    }

    /// <summary>UEFI 2.10, 13.2.2 EFI_LOAD_FILE2_PROTOCOL.LoadFile().</summary>
    [UnmanagedCallersOnly]
    private static EfiStatus Load(LoadFile* self, DevicePath* path, byte bootPolicy, nuint* size, void* buffer)
    {
        if (self == null || path == null || size == null || !DevicePaths.IsEnd(path))
            return EfiStatus.InvalidParameter;
        if (bootPolicy != 0)
            return EfiStatus.Unsupported;
        EfiStatus status = FileReader.Open(s_offer->Volume, s_offer->File, out File* file, out ulong length);
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

using System;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Firmware;

/// <summary>
/// Device paths in memory, as the firmware and the loaders hand them over (UEFI 2.10, chapter 10 "Protocols - Device Path Protocol").
/// </summary>
internal static unsafe class DevicePaths
{
    private const int EndLength = 4;

    /// <summary>The node behind <paramref name="node"/>, which is not the end.</summary>
    public static DevicePath* Next(DevicePath* node) => (DevicePath*)((byte*)node + node->Length);

    public static bool IsEnd(DevicePath* node) => node->Type == DevicePathType.End && node->SubType == (byte)EndDevicePath.Entire;

    public static bool IsMedia(DevicePath* node, MediaDevicePath subType) =>
        node->Type == DevicePathType.Media && node->SubType == (byte)subType;

    /// <summary>Bytes of a path without its end node.</summary>
    public static int LengthWithoutEnd(DevicePath* path)
    {
        DevicePath* node = path;
        while (!IsEnd(node))
            node = Next(node);
        return (int)((byte*)node - (byte*)path);
    }

    /// <summary>Bytes of a path with its end node.</summary>
    public static int Length(DevicePath* path) => LengthWithoutEnd(path) + EndLength;

    /// <summary>Copies a path, end node included.</summary>
    public static void Copy(DevicePath* from, void* to) =>
        new ReadOnlySpan<byte>(from, Length(from)).CopyTo(new Span<byte>(to, Length(from)));

    /// <summary>
    /// Completes the short form of a path that begins with a partition (UEFI 2.10, 3.1.2 "Load Option Processing").
    /// </summary>
    /// <returns>The path in memory of its own, the path itself if it is complete, or null if the machine has no such partition.</returns>
    public static DevicePath* Complete(UefiFirmware* firmware, DevicePath* path)
    {
        if (!IsMedia(path, MediaDevicePath.HardDrive))
            return path;
        Handle partition;
        if (!TryFindPartition(firmware, (HardDriveDevicePath*)path, out partition))
        {
            // A boot manager in a hurry connects only what it boots from.
            ConnectAll(firmware);
            if (!TryFindPartition(firmware, (HardDriveDevicePath*)path, out partition))
                return null;
        }

        var start = firmware->Interface<DevicePath>(partition, DevicePath.Protocol);
        int startLength = LengthWithoutEnd(start);
        DevicePath* rest = Next(path);
        var complete = (byte*)firmware->Allocate((ulong)(startLength + Length(rest)));
        if (complete == null)
            return null;
        new ReadOnlySpan<byte>(start, startLength).CopyTo(new Span<byte>(complete, startLength));
        Copy(rest, complete + startLength);
        return (DevicePath*)complete;
    }

    /// <summary>Whether a complete path is that of the running program.</summary>
    public static bool IsSwitcher(UefiFirmware* firmware, DevicePath* path)
    {
        var own = firmware->Interface<DevicePath>(firmware->Image, LoadedImage.DevicePathProtocol);
        return own != null && new ReadOnlySpan<byte>(own, Length(own)).SequenceEqual(new ReadOnlySpan<byte>(path, Length(path)));
    }

    private static bool TryFindPartition(UefiFirmware* firmware, HardDriveDevicePath* wanted, out Handle partition)
    {
        partition = default;
        Guid protocol = SimpleFileSystem.Protocol;
        nuint count = 0;
        Handle* handles = null;
        BootServices* services = firmware->Services;
        if (services->LocateHandleBuffer(LocateSearchType.ByProtocol, &protocol, null, &count, &handles).IsError)
            return false;
        for (nuint i = 0; i < count && partition.IsNull; i++)
        {
            var path = firmware->Interface<DevicePath>(handles[i], DevicePath.Protocol);
            if (path != null && IsPartition(path, wanted))
                partition = handles[i];
        }

        services->FreePool(handles);
        return !partition.IsNull;
    }

    private static bool IsPartition(DevicePath* path, HardDriveDevicePath* wanted)
    {
        for (; !IsEnd(path); path = Next(path))
        {
            var found = (HardDriveDevicePath*)path;
            if (IsMedia(path, MediaDevicePath.HardDrive) && IsEnd(Next(path))
                && found->SignatureType == wanted->SignatureType
                && found->Signature == wanted->Signature
                && found->PartitionNumber == wanted->PartitionNumber)
                return true;
        }

        return false;
    }

    private static void ConnectAll(UefiFirmware* firmware)
    {
        if (firmware->HasConnectedAll)
            return;
        firmware->HasConnectedAll = true;
        nuint count = 0;
        Handle* handles = null;
        BootServices* services = firmware->Services;
        if (services->LocateHandleBuffer(LocateSearchType.AllHandles, null, null, &count, &handles).IsError)
            return;
        for (nuint i = 0; i < count; i++)
            services->ConnectController(handles[i], null, null, 1);
        services->FreePool(handles);
    }
}

using System;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Setup;

/// <summary>Device paths (UEFI 2.10, chapter 10).</summary>
internal static unsafe class Paths
{
    private const int HeaderLength = 4;

    /// <summary>
    /// Takes the partition off the front of a path: <c>{32 hexadecimal digits}\FILE</c> means the one whose GUID has these bytes in memory,
    /// on whichever disk it is; a path without it, the volume that the program came from.
    /// </summary>
    /// <returns>Its node, or null if there is none.</returns>
    public static DevicePath* TakePartition(ref ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty || path[0] != (byte)'{')
            return PartitionOf(Machine.Self->DeviceHandle);
        int end = path.IndexOf((byte)'}');
        Guid identifier;
        if (end < 0 || !Words.TryReadBytes(path[1..end], new Span<byte>(&identifier, sizeof(Guid))))
            return null;
        path = path[(end + 1)..];
        DevicePath* partition = FindPartition(identifier);
        if (partition != null)
            return partition;

        // The firmware has connected only what it boots from.
        ConnectAll();
        return FindPartition(identifier);
    }

    private static DevicePath* FindPartition(Guid wanted)
    {
        Guid protocol = DevicePath.Protocol;
        nuint count = 0;
        Handle* handles = null;
        BootServices* services = Machine.Table->BootServices;
        if (services->LocateHandleBuffer(LocateSearchType.ByProtocol, &protocol, null, &count, &handles).IsError)
            return null;
        DevicePath* found = null;
        for (nuint i = 0; i < count && found == null; i++)
        {
            DevicePath* node = PartitionOf(handles[i]);
            if (node != null && ((HardDriveDevicePath*)node)->Signature.Equals(wanted))
                found = node;
        }

        services->FreePool(handles);
        return found;
    }

    private static void ConnectAll()
    {
        nuint count = 0;
        Handle* handles = null;
        BootServices* services = Machine.Table->BootServices;
        if (services->LocateHandleBuffer(LocateSearchType.AllHandles, null, null, &count, &handles).IsError)
            return;
        for (nuint i = 0; i < count; i++)
            services->ConnectController(handles[i], null, null, 1);
        services->FreePool(handles);
    }

    /// <summary>The partition node in the path of a handle, or null.</summary>
    private static DevicePath* PartitionOf(Handle handle)
    {
        var node = (DevicePath*)Machine.Interface(handle, DevicePath.Protocol);
        while (node != null && node->Type != DevicePathType.End)
        {
            if (node->Type == DevicePathType.Media && node->SubType == (byte)MediaDevicePath.HardDrive)
                return node;
            node = (DevicePath*)((byte*)node + node->Length);
        }

        return null;
    }

    /// <summary>Bytes of a path without its end node.</summary>
    public static int LengthWithoutEnd(DevicePath* path)
    {
        DevicePath* node = path;
        while (node->Type != DevicePathType.End)
            node = (DevicePath*)((byte*)node + node->Length);
        return (int)((byte*)node - (byte*)path);
    }

    /// <summary>Bytes that <see cref="WriteFile"/> writes.</summary>
    public static int FileLength(ReadOnlySpan<byte> path) => HeaderLength + ((path.Length + 1) * sizeof(char)) + HeaderLength;

    /// <summary>Writes a file path node and the end.</summary>
    public static void WriteFile(ref ByteWriter writer, ReadOnlySpan<byte> path)
    {
        writer.Byte((byte)DevicePathType.Media);
        writer.Byte((byte)MediaDevicePath.FilePath);
        writer.U16(FileLength(path) - HeaderLength);
        writer.Text(path);
        writer.U16(0);
        writer.Byte((byte)DevicePathType.End);
        writer.Byte((byte)EndDevicePath.Entire);
        writer.U16(HeaderLength);
    }
}

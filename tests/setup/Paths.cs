using System;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Setup;

/// <summary>Device paths (UEFI 2.10, chapter 10).</summary>
internal static unsafe class Paths
{
    private const int HeaderLength = 4;

    /// <summary>The partition node of the volume that the program came from, or null.</summary>
    public static DevicePath* FindPartition()
    {
        var node = (DevicePath*)Machine.Interface(Machine.Self->DeviceHandle, DevicePath.Protocol);
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

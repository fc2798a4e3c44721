using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Switcher.Ctl.Live;

/// <summary>One boot option of the firmware (UEFI 2.10, 3.1.3 "Load Options").</summary>
/// <param name="Number">The four hexadecimal digits of Boot####.</param>
/// <param name="Description">What the firmware's menu shows.</param>
/// <param name="IsActive">Whether the firmware would boot it by itself.</param>
/// <param name="IsOnDisk">Whether its device path names a partition of a fixed disk.</param>
/// <param name="FilePath">The loader's path on that partition; empty when there is none.</param>
public sealed record BootOption(ushort Number, string Description, bool IsActive, bool IsOnDisk, string FilePath)
{
    private const string GlobalVariable = "8be4df61-93ca-11d2-aa0d-00e098032b8c";

    /// <summary>Windows Boot Manager, by its loader's path.</summary>
    public bool IsWindows => FilePath.Contains("\\Microsoft\\Boot\\", StringComparison.OrdinalIgnoreCase);

    /// <summary>The options that Switcher runs as guests unless told otherwise: active loaders on fixed disks, in boot order.</summary>
    public static List<BootOption> ReadGuests(LinuxFiles files)
    {
        List<BootOption> guests = [];
        byte[] order = ReadVariable(files, "BootOrder") ?? [];
        for (int i = 0; i + 1 < order.Length; i += 2)
        {
            ushort number = BinaryPrimitives.ReadUInt16LittleEndian(order.AsSpan(i));
            string name = string.Create(CultureInfo.InvariantCulture, $"Boot{number:X4}");
            if (ReadVariable(files, name) is { } data
                && Parse(number, data) is { IsActive: true, IsOnDisk: true, FilePath.Length: > 0 } option
                && !option.FilePath.Contains("\\Switcher\\", StringComparison.OrdinalIgnoreCase))
                guests.Add(option);
        }
        return guests;
    }

    /// <summary>Whether Secure Boot is on; null when the firmware does not say.</summary>
    public static bool? ReadSecureBoot(LinuxFiles files) => ReadVariable(files, "SecureBoot") is [var value, ..] ? value == 1 : null;

    public static BootOption? Parse(ushort number, ReadOnlySpan<byte> data)
    {
        if (data.Length < 8)
            return null;
        bool isActive = (data[0] & 1) != 0;
        int pathLength = BinaryPrimitives.ReadUInt16LittleEndian(data[4..]);
        int end = 6;
        while (end + 1 < data.Length && (data[end] | data[end + 1]) != 0)
            end += 2;
        string description = Encoding.Unicode.GetString(data[6..end]);
        if (end + 2 > data.Length)
            return null;
        ReadOnlySpan<byte> path = data[(end + 2)..];
        path = path[..Math.Min(pathLength, path.Length)];
        bool isOnDisk = false;
        string file = "";
        while (path.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(path[2..]);
            if (length < 4 || length > path.Length)
                break;
            isOnDisk |= path[0] == 4 && path[1] == 1; // Media, Hard Drive
            if (path[0] == 4 && path[1] == 4) // Media, File Path
                file += Encoding.Unicode.GetString(path[4..length]).TrimEnd('\0');
            path = path[length..];
        }
        return new BootOption(number, description, isActive, isOnDisk, file);
    }

    /// <summary>A variable's data; the kernel puts four bytes of attributes in front.</summary>
    private static byte[]? ReadVariable(LinuxFiles files, string name) =>
        files.ReadBytes($"sys/firmware/efi/efivars/{name}-{GlobalVariable}") is { Length: > 4 } bytes ? bytes[4..] : null;
}

using System;
using System.Buffers.Binary;
using System.IO;

namespace Switcher.Runner.Images;

/// <summary>Looks into a disk image that somebody else made (UEFI 2.10, 5.3 "GUID Partition Table (GPT) Disk Layout").</summary>
public static class PartitionFinder
{
    private const int SectorSize = GuidPartitionTable.SectorSize;
    private const int MostEntries = 1024;

    /// <summary>The identifier of the first partition with a FAT file system.</summary>
    /// <exception cref="RunnerException">The image has no such partition.</exception>
    public static Guid FirstFatPartition(string image)
    {
        using FileStream disk = File.OpenRead(image);
        byte[] header = ReadSector(disk, 1);
        if (!header.AsSpan(0, 8).SequenceEqual("EFI PART"u8))
            throw new RunnerException($"{image} has no GUID partition table");
        long entries = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(72));
        int count = Math.Min(BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(80)), MostEntries);
        int size = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(84));
        for (int i = 0; i < count && size is >= 128 and <= SectorSize; i++)
        {
            long position = (long)i * size;
            byte[] sector = ReadSector(disk, entries + position / SectorSize);
            ReadOnlySpan<byte> entry = sector.AsSpan((int)(position % SectorSize), 48);
            bool used = entry[..16].IndexOfAnyExcept((byte)0) >= 0;
            if (used && IsFat(ReadSector(disk, BinaryPrimitives.ReadInt64LittleEndian(entry[32..]))))
                return new Guid(entry[16..32]);
        }

        throw new RunnerException($"{image} has no partition with a FAT file system");
    }

    /// <summary>FAT12 and FAT16 name themselves at offset 54, FAT32 at 82 (Microsoft, "FAT File System Specification").</summary>
    private static bool IsFat(byte[] sector) =>
        sector[510] == 0x55 && sector[511] == 0xAA &&
        (sector.AsSpan(54, 3).SequenceEqual("FAT"u8) || sector.AsSpan(82, 3).SequenceEqual("FAT"u8));

    private static byte[] ReadSector(FileStream disk, long sector)
    {
        byte[] bytes = new byte[SectorSize];
        if (sector >= 0 && sector <= disk.Length / SectorSize)
        {
            disk.Position = sector * SectorSize;
            disk.ReadAtLeast(bytes, SectorSize, throwOnEndOfStream: false);
        }

        return bytes;
    }
}

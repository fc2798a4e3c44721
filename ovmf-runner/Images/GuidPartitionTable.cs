using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;

namespace Switcher.Runner.Images;

/// <summary>
/// Writes a GUID partition table with a single EFI system partition (UEFI 2.10, 5.3 "GUID Partition Table (GPT) Disk Layout").
/// </summary>
public static class GuidPartitionTable
{
    public const int SectorSize = 512;

    /// <summary>Where the partition begins: 1 MiB, as partitioning programs align it.</summary>
    public const long FirstSector = 2048;

    private const int EntryCount = 128;
    private const int EntrySize = 128;
    private const int EntrySectors = EntryCount * EntrySize / SectorSize;
    private const int HeaderSize = 92;
    private static readonly Guid EfiSystemPartition = new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");

    /// <summary>Sectors of the partition on a disk of a given number of sectors.</summary>
    public static long PartitionSectors(long diskSectors) => LastUsable(diskSectors) - FirstSector + 1;

    /// <summary>Writes protective MBR, both headers and both entry arrays.</summary>
    /// <param name="disk">The disk, whose length is already its final one.</param>
    /// <param name="diskId">Identifies the disk.</param>
    /// <param name="partitionId">Identifies the partition; boot options refer to it.</param>
    public static void Write(Stream disk, Guid diskId, Guid partitionId)
    {
        long sectors = disk.Length / SectorSize;
        byte[] entries = Entries(sectors, partitionId);
        WriteAt(disk, 0, ProtectiveMbr(sectors));
        WriteAt(disk, 1, Header(sectors, diskId, entries, own: 1, other: sectors - 1, entriesAt: 2));
        WriteAt(disk, 2, entries);
        WriteAt(disk, sectors - 1 - EntrySectors, entries);
        WriteAt(disk, sectors - 1, Header(sectors, diskId, entries, own: sectors - 1, other: 1, entriesAt: sectors - 1 - EntrySectors));
    }

    private static long LastUsable(long sectors) => sectors - EntrySectors - 2;

    private static byte[] ProtectiveMbr(long sectors)
    {
        byte[] sector = new byte[SectorSize];
        Span<byte> record = sector.AsSpan(446, 16);
        record[2] = 2;
        record[4] = 0xEE;
        record[5..8].Fill(0xFF);
        BinaryPrimitives.WriteUInt32LittleEndian(record[8..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], (uint)Math.Min(sectors - 1, uint.MaxValue));
        sector[510] = 0x55;
        sector[511] = 0xAA;
        return sector;
    }

    private static byte[] Entries(long sectors, Guid partitionId)
    {
        byte[] entries = new byte[EntryCount * EntrySize];
        Span<byte> entry = entries;
        EfiSystemPartition.TryWriteBytes(entry);
        partitionId.TryWriteBytes(entry[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(entry[32..], FirstSector);
        BinaryPrimitives.WriteInt64LittleEndian(entry[40..], LastUsable(sectors));
        Encoding.Unicode.GetBytes("EFI system partition", entry[56..]);
        return entries;
    }

    private static byte[] Header(long sectors, Guid diskId, byte[] entries, long own, long other, long entriesAt)
    {
        byte[] sector = new byte[SectorSize];
        Span<byte> header = sector.AsSpan(0, HeaderSize);
        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], 0x0001_0000);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], HeaderSize);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], own);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], other);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], 2 + EntrySectors);
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], LastUsable(sectors));
        diskId.TryWriteBytes(header[56..]);
        BinaryPrimitives.WriteInt64LittleEndian(header[72..], entriesAt);
        BinaryPrimitives.WriteUInt32LittleEndian(header[80..], EntryCount);
        BinaryPrimitives.WriteUInt32LittleEndian(header[84..], EntrySize);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32.Of(entries));
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32.Of(header));
        return sector;
    }

    private static void WriteAt(Stream disk, long sector, byte[] bytes)
    {
        disk.Position = sector * SectorSize;
        disk.Write(bytes);
    }
}

using System;
using System.Buffers.Binary;
using System.IO;
using Switcher.Runner;
using Switcher.Runner.Images;
using Xunit;

namespace Switcher.Tests.Runner;

public class GuidPartitionTableTests
{
    private const int Sector = GuidPartitionTable.SectorSize;
    private static readonly Guid DiskId = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly Guid PartitionId = new("5e7b3c0a-9d1f-4c52-8a66-3f0c2d9b71e4");

    /// <summary>The check value of every description of this polynomial.</summary>
    [Fact]
    public void Crc32_OfTheNineDigits_IsTheKnownValue() => Assert.Equal(0xCBF4_3926u, Crc32.Of("123456789"u8));

    [Fact]
    public void GuidPartitionTable_BothCopies_AreConsistent()
    {
        byte[] disk = new byte[8 << 20];
        GuidPartitionTable.Write(new MemoryStream(disk), DiskId, PartitionId);
        int last = disk.Length / Sector - 1;
        CheckHeader(disk, 1, last, 2);
        CheckHeader(disk, last, 1, last - 32);
        Assert.Equal(0xEE, disk[446 + 4]);
        Assert.Equal([0x55, 0xAA], disk[510..512]);
        Assert.Equal(disk.AsSpan(2 * Sector, 32 * Sector), disk.AsSpan((last - 32) * Sector, 32 * Sector));
        long first = BinaryPrimitives.ReadInt64LittleEndian(disk.AsSpan(2 * Sector + 32));
        long end = BinaryPrimitives.ReadInt64LittleEndian(disk.AsSpan(2 * Sector + 40));
        Assert.Equal(GuidPartitionTable.FirstSector, first);
        Assert.Equal(GuidPartitionTable.PartitionSectors(last + 1), end - first + 1);
        Assert.True(end < last - 32);
    }

    [Fact]
    public void PartitionFinder_PartitionWithFat_IsFound()
    {
        string image = Path.GetTempFileName();
        byte[] disk = new byte[4 << 20];
        GuidPartitionTable.Write(new MemoryStream(disk), DiskId, PartitionId);
        Span<byte> boot = disk.AsSpan((int)GuidPartitionTable.FirstSector * Sector, Sector);
        File.WriteAllBytes(image, disk);
        Assert.Equal(
            $"{image} has no partition with a FAT file system",
            Assert.Throws<RunnerException>(() => PartitionFinder.FirstFatPartition(image)).Message);

        "FAT32   "u8.CopyTo(boot[82..]);
        boot[510] = 0x55;
        boot[511] = 0xAA;
        File.WriteAllBytes(image, disk);
        Assert.Equal(PartitionId, PartitionFinder.FirstFatPartition(image));
        File.Delete(image);
    }

    [Fact]
    public void PartitionFinder_FileThatIsNoDisk_IsRefused()
    {
        string image = Path.GetTempFileName();
        Assert.Equal($"{image} has no GUID partition table",
            Assert.Throws<RunnerException>(() => PartitionFinder.FirstFatPartition(image)).Message);
        File.Delete(image);
    }

    private static void CheckHeader(byte[] disk, long at, long other, long entriesAt)
    {
        byte[] header = disk[(int)(at * Sector)..(int)(at * Sector + 92)];
        Assert.Equal("EFI PART"u8, header.AsSpan(0, 8));
        Assert.Equal(at, BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(24)));
        Assert.Equal(other, BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(32)));
        Assert.Equal(entriesAt, BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(72)));
        Assert.Equal(
            Crc32.Of(disk.AsSpan((int)entriesAt * Sector, 128 * 128)), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(88)));
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(16));
        header.AsSpan(16, 4).Clear();
        Assert.Equal(crc, Crc32.Of(header));
    }
}

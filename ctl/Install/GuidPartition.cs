using System;
using System.Buffers.Binary;
using System.Globalization;
using Switcher.Ctl.Live;

namespace Switcher.Ctl.Install;

/// <summary>A partition as the disk's own table has it: UEFI 2.10, 5.3 "GUID Partition Table (GPT) Disk Layout".</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Type">What it is for.</param>
/// <param name="Id">Its own GUID.</param>
/// <param name="Start">First block.</param>
/// <param name="Blocks">How many there are.</param>
public sealed record GuidPartition(uint Number, Guid Type, Guid Id, ulong Start, ulong Blocks)
{
    private const int EntryBytes = 128;
    private const int MostBlockBytes = 4096;

    /// <summary>Table 5-6 "GPT Partition Entry: Defined Partition Type GUIDs".</summary>
    public static readonly Guid SystemPartitionType = new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");

    /// <summary>Reads an entry; null if the disk has no such table, or that has no such entry at the usual place.</summary>
    /// <param name="files">Of the Linux.</param>
    /// <param name="disk">The disk's name, as <c>sda</c>.</param>
    /// <param name="number">The partition's.</param>
    public static GuidPartition? Read(LinuxFiles files, string disk, uint number)
    {
        if (!int.TryParse(files.ReadText($"sys/block/{disk}/queue/logical_block_size"), CultureInfo.InvariantCulture, out int block)
            || block is < 512 or > MostBlockBytes)
            return null;
        int needed = (2 * block) + ((int)Math.Min(number, 128) * EntryBytes);
        if (number == 0 || files.ReadStart($"dev/{disk}", needed) is not { } start || start.Length < needed)
            return null;

        // 5.3.2 "GPT Header": signature, where the entries begin and how long each is.
        ReadOnlySpan<byte> header = start.AsSpan(block);
        if (!header[..8].SequenceEqual("EFI PART"u8) || BinaryPrimitives.ReadUInt64LittleEndian(header[72..]) != 2
            || BinaryPrimitives.ReadUInt32LittleEndian(header[80..]) < number
            || BinaryPrimitives.ReadUInt32LittleEndian(header[84..]) != EntryBytes)
            return null;
        ReadOnlySpan<byte> entry = start.AsSpan(needed - EntryBytes);
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
        ulong last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);
        return last < first ? null : new GuidPartition(number, new Guid(entry[..16]), new Guid(entry[16..32]), first, last - first + 1);
    }
}

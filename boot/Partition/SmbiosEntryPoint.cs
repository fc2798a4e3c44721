using System;
using System.Buffers.Binary;

namespace Switcher.Boot.Partition;

/// <summary>
/// The SMBIOS entry points: where the structure table is, and how to point one at a copy (DMTF DSP0134 3.7, 5.2.1 SMBIOS 2.1 (32-bit)
/// entry point, 5.2.2 SMBIOS 3.0 (64-bit) entry point).
/// </summary>
public static class SmbiosEntryPoint
{
    /// <summary>Bytes that are enough to read either entry point.</summary>
    public const int LargestSize = 32;

    private const int Size32 = 0x1E;
    private const int Size64 = 0x18;

    /// <summary>Reads an entry point.</summary>
    /// <param name="entry">The entry point's bytes; more may follow.</param>
    /// <param name="size">Bytes of the entry point itself.</param>
    /// <param name="table">Physical address of the structure table.</param>
    /// <param name="length">Bytes of the structure table, at least as many as are used.</param>
    /// <returns>Whether anchor, length and checksums are right.</returns>
    public static bool TryRead(ReadOnlySpan<byte> entry, out int size, out ulong table, out uint length)
    {
        size = 0;
        table = 0;
        length = 0;
        if (Is32(entry))
        {
            // Version 2.1 wrote 0x1E for the length 0x1F (5.2.1, "Entry Point Length").
            size = entry[5];
            if (size < Size32 || size > entry.Length || size > LargestSize
                || Sum(entry.Slice(0, size)) != 0 || Sum(entry.Slice(0x10, 0xF)) != 0)
                return false;
            length = BinaryPrimitives.ReadUInt16LittleEndian(entry.Slice(0x16));
            table = BinaryPrimitives.ReadUInt32LittleEndian(entry.Slice(0x18));
        }
        else if (Is64(entry))
        {
            size = entry[6];
            if (size < Size64 || size > entry.Length || size > LargestSize || Sum(entry.Slice(0, size)) != 0)
                return false;
            length = BinaryPrimitives.ReadUInt32LittleEndian(entry.Slice(0x0C));
            table = BinaryPrimitives.ReadUInt64LittleEndian(entry.Slice(0x10));
        }

        return table != 0 && length != 0;
    }

    /// <summary>
    /// Points an entry point that <see cref="TryRead"/> accepted at a copy of its table, below 4 GiB for the 32-bit form.
    /// </summary>
    public static void MoveTable(Span<byte> entry, ulong table)
    {
        if (Is32(entry))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(entry.Slice(0x18), (uint)table);
            entry[0x15] = 0;
            entry[0x15] = (byte)-Sum(entry.Slice(0x10, 0xF));
            entry[4] = 0;
            entry[4] = (byte)-Sum(entry.Slice(0, entry[5]));
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(entry.Slice(0x10), table);
            entry[5] = 0;
            entry[5] = (byte)-Sum(entry.Slice(0, entry[6]));
        }
    }

    private static bool Is32(ReadOnlySpan<byte> entry) =>
        entry.Length >= Size32 && entry.Slice(0, 4).SequenceEqual("_SM_"u8) && entry.Slice(0x10, 5).SequenceEqual("_DMI_"u8);

    private static bool Is64(ReadOnlySpan<byte> entry) => entry.Length >= Size64 && entry.Slice(0, 5).SequenceEqual("_SM3_"u8);

    private static int Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        for (int i = 0; i < bytes.Length; i++)
            sum += bytes[i];
        return sum;
    }
}

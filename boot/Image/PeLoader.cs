using System;
using System.Buffers.Binary;

namespace Switcher.Boot.Image;

/// <summary>Brings an image into memory and to another address.</summary>
public static class PeLoader
{
    private const int BlockHeaderSize = 8;
    private const int PageMask = 0xFFF;

    // Microsoft PE format, "Base Relocation Types".
    private const int Absolute = 0;
    private const int HighLow = 3;
    private const int Dir64 = 10;

    /// <summary>
    /// Lays <paramref name="file"/> out in <paramref name="memory"/> as it runs at <paramref name="address"/>, the address of that memory.
    /// </summary>
    public static PeStatus Load(ReadOnlySpan<byte> file, Span<byte> memory, ulong address, out PeImage image)
    {
        PeStatus status = PeImage.TryParse(file, out image);
        if (status != PeStatus.Success)
            return status;
        if ((uint)memory.Length < image.SizeOfImage)
            return PeStatus.NoRoom;
        memory = memory[..(int)image.SizeOfImage];
        memory.Clear();
        file[..(int)image.SizeOfHeaders].CopyTo(memory);
        for (int i = 0; i < image.SectionCount; i++)
        {
            PeSection section = image.Section(i);
            if (section.LoadedSize == 0)
                continue;
            if ((ulong)section.FileOffset + section.LoadedSize > (ulong)file.Length)
                return PeStatus.BadSection;
            file.Slice((int)section.FileOffset, (int)section.LoadedSize).CopyTo(memory[(int)section.VirtualAddress..]);
        }

        return Relocate(memory, image, image.ImageBase, address);
    }

    /// <summary>Changes the addresses inside of an image in memory that was made to run at <paramref name="from"/>.</summary>
    public static PeStatus Relocate(Span<byte> memory, in PeImage image, ulong from, ulong to)
    {
        if (from == to)
            return PeStatus.Success;
        if (!image.IsRelocatable)
            return PeStatus.NotRelocatable;
        if ((uint)memory.Length < image.SizeOfImage)
            return PeStatus.NoRoom;
        memory = memory[..(int)image.SizeOfImage];
        ReadOnlySpan<byte> blocks = memory.Slice((int)image.RelocationsAddress, (int)image.RelocationsSize);
        while (blocks.Length != 0)
        {
            if (blocks.Length < BlockHeaderSize)
                return PeStatus.BadRelocation;
            uint page = BinaryPrimitives.ReadUInt32LittleEndian(blocks);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(blocks[4..]);
            if (size < BlockHeaderSize || size > blocks.Length || size % 2 != 0)
                return PeStatus.BadRelocation;
            PeStatus status = ApplyBlock(memory, page, blocks[BlockHeaderSize..(int)size], to - from);
            if (status != PeStatus.Success)
                return status;
            blocks = blocks[(int)size..];
        }

        return PeStatus.Success;
    }

    private static PeStatus ApplyBlock(Span<byte> memory, uint page, ReadOnlySpan<byte> entries, ulong distance)
    {
        for (; entries.Length != 0; entries = entries[2..])
        {
            ushort entry = BinaryPrimitives.ReadUInt16LittleEndian(entries);
            ulong offset = (ulong)page + (uint)(entry & PageMask);
            int kind = entry >> 12;
            if (kind == Absolute)
                continue;
            int width = kind switch { HighLow => 4, Dir64 => 8, _ => 0 };
            if (width == 0 || offset + (uint)width > (ulong)memory.Length)
                return PeStatus.BadRelocation;
            Span<byte> field = memory.Slice((int)offset, width);
            if (kind == Dir64)
                BinaryPrimitives.WriteUInt64LittleEndian(field, BinaryPrimitives.ReadUInt64LittleEndian(field) + distance);
            else
                BinaryPrimitives.WriteUInt32LittleEndian(field, BinaryPrimitives.ReadUInt32LittleEndian(field) + (uint)distance);
        }

        return PeStatus.Success;
    }
}

using System;
using System.Buffers.Binary;

namespace Switcher.Acpi.Aml;

/// <summary>A name string as it stands in the byte stream: prefixes, and where its segments are.</summary>
internal struct AmlName
{
    public bool IsAbsolute;
    public int Carets;
    public int SegmentOffset;
    public int SegmentCount;
}

/// <summary>
/// The lexical level of AML (ACPI 6.5, 20.2.2 to 20.2.4): each function reads at a position, moves it, and never past the end that it is
/// given.
/// </summary>
internal static class AmlReader
{
    /// <summary>True for a byte that a name string begins with, except the null name.</summary>
    public static bool IsNameStart(byte value) =>
        IsLeadNameChar(value) || value is AmlOpcode.RootChar or AmlOpcode.ParentPrefixChar
            or AmlOpcode.DualNamePrefix or AmlOpcode.MultiNamePrefix;

    /// <summary>An opcode of one or two bytes.</summary>
    public static bool TryReadOpcode(ReadOnlySpan<byte> aml, ref int position, int end, out int opcode)
    {
        opcode = 0;
        if (position >= end)
            return false;
        opcode = aml[position++];
        if (opcode != AmlOpcode.ExtOpPrefix)
            return true;
        if (position >= end)
            return false;
        opcode = (AmlOpcode.ExtOpPrefix << 8) | aml[position++];
        return true;
    }

    /// <summary>A PkgLength as a plain number (in field lists it counts bits).</summary>
    public static bool TryReadPkgLength(ReadOnlySpan<byte> aml, ref int position, int end, out int value)
    {
        value = 0;
        if (position >= end)
            return false;
        byte lead = aml[position++];
        int followers = lead >> 6;
        if (followers == 0)
        {
            value = lead & 0x3F;
            return true;
        }
        value = lead & 0x0F;
        for (int i = 0; i < followers; i++)
        {
            if (position >= end)
                return false;
            value |= aml[position++] << (4 + 8 * i);
        }
        return true;
    }

    /// <summary>A PkgLength that spans objects: gives where they end, which must lie within <paramref name="end"/>.</summary>
    public static bool TryReadPackageEnd(ReadOnlySpan<byte> aml, ref int position, int end, out int packageEnd)
    {
        int start = position;
        packageEnd = 0;
        if (!TryReadPkgLength(aml, ref position, end, out int length) || length < position - start || length > end - start)
            return false;
        packageEnd = start + length;
        return true;
    }

    /// <summary>A little-endian number of 1 to 8 bytes.</summary>
    public static bool TryReadData(ReadOnlySpan<byte> aml, ref int position, int end, int size, out ulong value)
    {
        value = 0;
        if (size > end - position)
            return false;
        for (int i = 0; i < size; i++)
            value |= (ulong)aml[position + i] << (8 * i);
        position += size;
        return true;
    }

    public static bool TrySkipString(ReadOnlySpan<byte> aml, ref int position, int end)
    {
        while (position < end)
        {
            if (aml[position++] == 0)
                return true;
        }
        return false;
    }

    /// <summary>A name string, the null name included.</summary>
    public static bool TryReadName(ReadOnlySpan<byte> aml, ref int position, int end, out AmlName name)
    {
        name = default;
        if (position < end && aml[position] == AmlOpcode.RootChar)
        {
            name.IsAbsolute = true;
            position++;
        }
        while (position < end && !name.IsAbsolute && aml[position] == AmlOpcode.ParentPrefixChar)
        {
            name.Carets++;
            position++;
        }
        if (position >= end)
            return false;
        int count = 1;
        switch (aml[position])
        {
            case 0:
                position++;
                count = 0;
                break;
            case AmlOpcode.DualNamePrefix:
                position++;
                count = 2;
                break;
            case AmlOpcode.MultiNamePrefix:
                if (position + 1 >= end)
                    return false;
                count = aml[position + 1];
                position += 2;
                break;
        }
        if (count > (end - position) / 4)
            return false;
        name.SegmentOffset = position;
        name.SegmentCount = count;
        for (int i = 0; i < count; i++, position += 4)
        {
            if (!IsNameSegment(aml.Slice(position, 4)))
                return false;
        }
        return true;
    }

    /// <summary>Segment <paramref name="index"/> of a name, as a little-endian number.</summary>
    public static uint Segment(ReadOnlySpan<byte> aml, in AmlName name, int index) =>
        BinaryPrimitives.ReadUInt32LittleEndian(aml.Slice(name.SegmentOffset + 4 * index));

    /// <summary>
    /// Finds the next place where these four characters occur, and moves behind them. This only says where looking closer cannot be in
    /// vain: what it finds is never taken for an object.
    /// </summary>
    public static bool TryFindMention(ReadOnlySpan<byte> aml, ref int position, int end, uint segment)
    {
        uint window = 0;
        int known = 0;
        for (int i = position; i < end; i++)
        {
            window = (window >> 8) | ((uint)aml[i] << 24);
            if (++known < 4 || window != segment)
                continue;
            position = i + 1;
            return true;
        }
        return false;
    }

    private static bool IsNameSegment(ReadOnlySpan<byte> bytes)
    {
        if (!IsLeadNameChar(bytes[0]))
            return false;
        for (int i = 1; i < 4; i++)
        {
            if (!IsLeadNameChar(bytes[i]) && bytes[i] is < (byte)'0' or > (byte)'9')
                return false;
        }
        return true;
    }

    private static bool IsLeadNameChar(byte value) => value is (>= (byte)'A' and <= (byte)'Z') or (byte)'_';
}

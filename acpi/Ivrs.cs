using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>One I/O virtualization definition block, its length checked against the table.</summary>
public readonly ref struct IvrsBlock
{
    internal IvrsBlock(ReadOnlySpan<byte> bytes) => Bytes = bytes;

    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>0x10, 0x11, 0x40: IOMMU (IVHD); 0x20, 0x21, 0x22: memory definition (IVMD).</summary>
    public byte Type => Bytes[0];

    /// <summary>An IOMMU: where its registers are, its own PCI function, and its segment.</summary>
    public bool TryGetUnit(out ulong registers, out ushort deviceId, out ushort segment)
    {
        bool isUnit = Type is 0x10 or 0x11 or 0x40 && Bytes.Length >= 24;
        deviceId = isUnit ? BinaryPrimitives.ReadUInt16LittleEndian(Bytes.Slice(4)) : (ushort)0;
        registers = isUnit ? BinaryPrimitives.ReadUInt64LittleEndian(Bytes.Slice(8)) : 0;
        segment = isUnit ? BinaryPrimitives.ReadUInt16LittleEndian(Bytes.Slice(16)) : (ushort)0;
        return isUnit;
    }

    /// <summary>Memory that devices use by themselves, in bytes.</summary>
    public bool TryGetMemory(out ulong start, out ulong length)
    {
        bool isMemory = Type is 0x20 or 0x21 or 0x22 && Bytes.Length >= 32;
        start = isMemory ? BinaryPrimitives.ReadUInt64LittleEndian(Bytes.Slice(16)) : 0;
        length = isMemory ? BinaryPrimitives.ReadUInt64LittleEndian(Bytes.Slice(24)) : 0;
        return isMemory;
    }
}

/// <summary>
/// I/O Virtualization Reporting Structure (AMD I/O Virtualization Technology Specification 3.08, 5.2). Walk it with <see cref="TryNext"/>.
/// </summary>
public readonly ref struct Ivrs
{
    private const int FirstBlockOffset = 48;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">The whole table; one too short for its fixed part has no blocks.</param>
    public Ivrs(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>IVinfo: address sizes and what is reserved.</summary>
    public uint IvInfo => _bytes.Length < FirstBlockOffset ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(36));

    /// <summary>
    /// Gives the block at <paramref name="offset"/> (0 for the first) and moves the offset behind it. One with an impossible length ends
    /// the list and is reported.
    /// </summary>
    public bool TryNext(ref int offset, scoped ProblemList problems, out IvrsBlock block)
    {
        block = default;
        int start = offset < FirstBlockOffset ? FirstBlockOffset : offset;
        if (start >= _bytes.Length)
            return false;
        int left = _bytes.Length - start;
        int length = left < 4 ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(_bytes.Slice(start + 2));
        if (length < 4 || length > left)
        {
            problems.Add(ProblemKind.RecordLengthWrong, Signature.Ivrs, (ulong)start, 4, (ulong)length);
            return false;
        }
        block = new IvrsBlock(_bytes.Slice(start, length));
        offset = start + length;
        return true;
    }
}

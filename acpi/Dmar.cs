using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>Remapping structure types (Intel VT-d Specification 4.1, 8.2 "Remapping Structure Types").</summary>
public enum DmarStructureType : ushort
{
    /// <summary>DMA remapping hardware unit definition.</summary>
    Drhd = 0,

    /// <summary>Reserved memory region reporting.</summary>
    Rmrr = 1,
    Atsr = 2,
    Rhsa = 3,
    Andd = 4,
    Satc = 5,
    Sidp = 6,
}

/// <summary>One remapping structure, its length checked against the table.</summary>
public readonly ref struct DmarStructure
{
    internal DmarStructure(ReadOnlySpan<byte> bytes) => Bytes = bytes;

    public ReadOnlySpan<byte> Bytes { get; }
    public DmarStructureType Type => (DmarStructureType)BinaryPrimitives.ReadUInt16LittleEndian(Bytes);

    /// <summary>
    /// A remapping unit: where its registers are, and whether it takes all devices of the segment that no other unit takes.
    /// </summary>
    public bool TryGetUnit(out ulong registers, out ushort segment, out bool includesAll)
    {
        bool isUnit = Type == DmarStructureType.Drhd && Bytes.Length >= 16;
        registers = isUnit ? BinaryPrimitives.ReadUInt64LittleEndian(Bytes.Slice(8)) : 0;
        segment = isUnit ? BinaryPrimitives.ReadUInt16LittleEndian(Bytes.Slice(6)) : (ushort)0;
        includesAll = isUnit && (Bytes[4] & 1) != 0;
        return isUnit;
    }

    /// <summary>Memory that a device uses by itself, which must stay mapped for it; <paramref name="limit"/> is its last byte.</summary>
    public bool TryGetReservedMemory(out ulong start, out ulong limit, out ushort segment)
    {
        bool isRegion = Type == DmarStructureType.Rmrr && Bytes.Length >= 24;
        segment = isRegion ? BinaryPrimitives.ReadUInt16LittleEndian(Bytes.Slice(6)) : (ushort)0;
        start = isRegion ? BinaryPrimitives.ReadUInt64LittleEndian(Bytes.Slice(8)) : 0;
        limit = isRegion ? BinaryPrimitives.ReadUInt64LittleEndian(Bytes.Slice(16)) : 0;
        return isRegion;
    }
}

/// <summary>DMA Remapping Reporting table (Intel VT-d Specification 4.1, 8.1). Walk it with <see cref="TryNext"/>.</summary>
public readonly ref struct Dmar
{
    private const int FirstStructureOffset = 48;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">The whole table; one too short for its fixed part has no structures.</param>
    public Dmar(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Bits of a DMA address that the platform supports; zero in a damaged table.</summary>
    public int HostAddressWidth => _bytes.Length < FirstStructureOffset ? 0 : _bytes[36] + 1;
    public byte Flags => _bytes.Length < FirstStructureOffset ? (byte)0 : _bytes[37];

    /// <summary>
    /// Gives the structure at <paramref name="offset"/> (0 for the first) and moves the offset behind it. One with an impossible length
    /// ends the list and is reported.
    /// </summary>
    public bool TryNext(ref int offset, scoped ProblemList problems, out DmarStructure structure)
    {
        structure = default;
        int start = offset < FirstStructureOffset ? FirstStructureOffset : offset;
        if (start >= _bytes.Length)
            return false;
        int left = _bytes.Length - start;
        int length = left < 4 ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(_bytes.Slice(start + 2));
        if (length < 4 || length > left)
        {
            problems.Add(ProblemKind.RecordLengthWrong, Signature.Dmar, (ulong)start, 4, (ulong)length);
            return false;
        }
        structure = new DmarStructure(_bytes.Slice(start, length));
        offset = start + length;
        return true;
    }
}

using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>
/// The records behind the fixed part of a MADT (ACPI 6.5, 5.2.12), a DMAR (Intel VT-d Specification 4.1, 8.1) or an IVRS (AMD I/O
/// Virtualization Technology Specification 3.08, 5.2): each begins with its type and its length, in bytes in the first and in words in the
/// others.
/// </summary>
public static class TableRecords
{
    private const int FirstInMadt = 44;
    private const int FirstInOthers = 48;

    /// <summary>
    /// Gives the record at <paramref name="offset"/> (0 for the first) and moves the offset behind it. One with an impossible length ends
    /// the list and is reported.
    /// </summary>
    /// <param name="table">The whole table; one too short for its fixed part has no records.</param>
    public static bool TryNext(ReadOnlySpan<byte> table, ref int offset, scoped ProblemList problems, out ReadOnlySpan<byte> record)
    {
        record = default;
        Signature signature = table.Length < Sdt.HeaderLength ? default : new Signature(table);
        bool isMadt = signature == Signature.Madt;
        int start = Math.Max(offset, isMadt ? FirstInMadt : FirstInOthers);
        if (start >= table.Length)
            return false;
        ReadOnlySpan<byte> left = table.Slice(start);
        int needed = isMadt ? MadtEntry.LengthOf(left[0]) : 4;
        int length = left.Length < needed ? 0 : isMadt ? left[1] : BinaryPrimitives.ReadUInt16LittleEndian(left.Slice(2));
        if (length < needed || length > left.Length)
        {
            problems.Add(ProblemKind.RecordLengthWrong, signature, (ulong)start, (ulong)needed, (ulong)length);
            return false;
        }
        record = left.Slice(0, length);
        offset = start + length;
        return true;
    }
}

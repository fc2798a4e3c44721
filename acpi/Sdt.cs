using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>
/// The header that all tables but the RSDP and the FACS begin with (ACPI 6.5, 5.2.6 "System Description Table Header"), over a span that
/// holds at least <see cref="HeaderLength"/> bytes.
/// </summary>
public readonly ref struct Sdt
{
    public const int HeaderLength = 36;
    public const int LengthOffset = 4;
    public const int RevisionOffset = 8;
    public const int ChecksumOffset = 9;
    public const int OemIdOffset = 10;

    /// <summary>
    /// No table of a real machine comes near this (the largest seen is a 1 MiB SSDT set); a longer one is taken for damage.
    /// </summary>
    public const int MaximumLength = 16 << 20;

    private readonly ReadOnlySpan<byte> _bytes;

    public Sdt(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;
    public Signature Signature => new(_bytes);
    public uint Length => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(LengthOffset));
    public byte Revision => _bytes[RevisionOffset];
    public byte StoredChecksum => _bytes[ChecksumOffset];
    public ReadOnlySpan<byte> OemId => _bytes.Slice(OemIdOffset, 6);
    public ReadOnlySpan<byte> OemTableId => _bytes.Slice(16, 8);
    public uint OemRevision => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(24));

    /// <summary>The checksum byte that would be right.</summary>
    public byte RightChecksum => (byte)(StoredChecksum - Checksum.Sum(_bytes));

    /// <summary>
    /// Maps the whole table at <paramref name="address"/> by its own length. Empty when it cannot be read or the length is impossible,
    /// which is reported.
    /// </summary>
    public static ReadOnlySpan<byte> Map<TMemory>(scoped in TMemory memory, ulong address, scoped ProblemList problems)
        where TMemory : struct, IAcpiMemory
    {
        ReadOnlySpan<byte> header = memory.Map(address, HeaderLength);
        if (header.Length < HeaderLength)
        {
            problems.Add(ProblemKind.TableUnreadable, default, address);
            return default;
        }
        Sdt sdt = new(header);
        if (sdt.Length < HeaderLength)
        {
            problems.Add(ProblemKind.TableLengthTooShort, sdt.Signature, address, HeaderLength, sdt.Length);
            return default;
        }
        ReadOnlySpan<byte> table = sdt.Length <= MaximumLength ? memory.Map(address, (int)sdt.Length) : default;
        if (table.IsEmpty)
            problems.Add(ProblemKind.TableLengthTooLong, sdt.Signature, address, 0, sdt.Length);
        return table;
    }
}

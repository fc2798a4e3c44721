using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>
/// Root System Description Pointer (ACPI 6.5, 5.2.5.3 "Root System Description Pointer (RSDP) Structure"), ACPI 1.0 or later.
/// </summary>
public readonly ref struct Rsdp
{
    public const int Length1 = 20;
    public const int Length2 = 36;
    public const int ChecksumOffset = 8;
    public const int RevisionOffset = 15;
    public const int RsdtAddressOffset = 16;
    public const int LengthOffset = 20;
    public const int XsdtAddressOffset = 24;
    public const int ExtendedChecksumOffset = 32;

    private readonly ReadOnlySpan<byte> _bytes;

    private Rsdp(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>The eight characters that an RSDP begins with.</summary>
    public static ReadOnlySpan<byte> SignatureText => "RSD PTR "u8;

    /// <summary>The structure's bytes: 20 (ACPI 1.0) or 36.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>0 for ACPI 1.0, 2 for all later ones.</summary>
    public byte Revision => _bytes[RevisionOffset];
    public ReadOnlySpan<byte> OemId => _bytes.Slice(9, 6);
    public uint RsdtAddress => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(RsdtAddressOffset));

    /// <summary>Zero in an ACPI 1.0 structure.</summary>
    public ulong XsdtAddress => _bytes.Length < Length2 ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(_bytes.Slice(XsdtAddressOffset));

    /// <summary>Reads the RSDP at <paramref name="address"/>. Wrong checksums are reported and tolerated, as every OS does.</summary>
    /// <returns>False when there is no RSDP there.</returns>
    public static bool TryRead<TMemory>(scoped in TMemory memory, ulong address, scoped ProblemList problems, out Rsdp rsdp)
        where TMemory : struct, IAcpiMemory
    {
        rsdp = default;
        ReadOnlySpan<byte> bytes = memory.Map(address, Length1);
        if (bytes.Length < Length1)
        {
            problems.Add(ProblemKind.RsdpUnreadable, default, address);
            return false;
        }
        if (!bytes.StartsWith(SignatureText))
        {
            problems.Add(ProblemKind.RsdpSignatureWrong, default, address);
            return false;
        }
        if (Checksum.Sum(bytes) != 0)
            problems.Add(ProblemKind.RsdpChecksumWrong, default, address);
        if (bytes[RevisionOffset] >= 2)
        {
            ReadOnlySpan<byte> all = memory.Map(address, Length2);
            if (all.Length < Length2)
                problems.Add(ProblemKind.RsdpLengthWrong, default, address, Length2, Length1);
            else
                bytes = all;
        }
        rsdp = new Rsdp(bytes);
        if (bytes.Length == Length2)
            CheckExtension(bytes, address, problems);
        return true;
    }

    private static void CheckExtension(ReadOnlySpan<byte> bytes, ulong address, scoped ProblemList problems)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(LengthOffset));
        if (length != Length2)
            problems.Add(ProblemKind.RsdpLengthWrong, default, address, Length2, length);
        else if (Checksum.Sum(bytes) != 0)
            problems.Add(ProblemKind.RsdpExtendedChecksumWrong, default, address);
    }
}

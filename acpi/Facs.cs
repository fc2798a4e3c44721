using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>
/// Firmware ACPI Control Structure (ACPI 6.5, 5.2.10): the one table that the OS writes, since it leaves its waking vectors there. It has
/// no checksum and a header of its own; ACPI 1.0 structures end after the 32-bit vector.
/// </summary>
public readonly ref struct Facs
{
    public const int LengthOffset = 4;
    public const int FirmwareWakingVectorOffset = 12;
    public const int XFirmwareWakingVectorOffset = 24;
    public const int VersionOffset = 32;
    public const int OspmFlagsOffset = 36;

    /// <summary>The length that the specification gives to every version, and the alignment.</summary>
    public const int StandardLength = 64;

    /// <summary>Enough for the 64-bit waking vector.</summary>
    public const int LengthWithXVector = 32;

    /// <summary>Enough for the 32-bit waking vector; anything shorter is not usable.</summary>
    public const int MinimumLength = 16;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">At least <see cref="MinimumLength"/> bytes.</param>
    public Facs(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public uint Length => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(LengthOffset));
    /// <summary>Real-mode address below 1 MiB: CS = vector >> 4, IP = vector &amp; 15.</summary>
    public uint FirmwareWakingVector => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(FirmwareWakingVectorOffset));
    /// <summary>
    /// Protected-mode or long-mode address; used instead of the 32-bit one when not zero. Zero where the structure ends before it.
    /// </summary>
    public ulong XFirmwareWakingVector => _bytes.Length < LengthWithXVector
        ? 0
        : BinaryPrimitives.ReadUInt64LittleEndian(_bytes.Slice(XFirmwareWakingVectorOffset));

    /// <summary>Maps the FACS at <paramref name="address"/> by its own length; empty, and reported, when it is not usable.</summary>
    public static ReadOnlySpan<byte> Map<TMemory>(scoped in TMemory memory, ulong address, scoped ProblemList problems)
        where TMemory : struct, IAcpiMemory
    {
        ReadOnlySpan<byte> start = memory.Map(address, MinimumLength);
        if (start.Length < MinimumLength)
        {
            problems.Add(ProblemKind.FacsUnusable, Signature.Facs, address);
            return default;
        }
        Signature signature = new(start);
        if (signature != Signature.Facs)
        {
            problems.Add(ProblemKind.SignatureUnexpected, signature, address, Signature.Facs.Value, signature.Value);
            return default;
        }
        if (address % StandardLength != 0)
            problems.Add(ProblemKind.FacsMisaligned, Signature.Facs, address, StandardLength, address % StandardLength);
        uint length = new Facs(start).Length;
        if (length != StandardLength)
            problems.Add(ProblemKind.FacsLengthWrong, Signature.Facs, address, StandardLength, length);
        if (length < MinimumLength)
            return default;
        return memory.Map(address, length < StandardLength ? (int)length : StandardLength);
    }
}

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
    public const int GlobalLockOffset = 16;
    public const int FlagsOffset = 20;
    public const int XFirmwareWakingVectorOffset = 24;
    public const int VersionOffset = 32;
    public const int OspmFlagsOffset = 36;

    /// <summary>The length that the specification gives to every version, and the alignment.</summary>
    public const int StandardLength = 64;

    /// <summary>Enough for the 32-bit waking vector; anything shorter is not usable.</summary>
    public const int MinimumLength = 16;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">At least <see cref="MinimumLength"/> bytes.</param>
    public Facs(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;
    public uint Length => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(LengthOffset));
    public uint HardwareSignature => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(8));

    /// <summary>Real-mode address below 1 MiB: CS = vector >> 4, IP = vector &amp; 15.</summary>
    public uint FirmwareWakingVector => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(FirmwareWakingVectorOffset));
    public uint GlobalLock => Has(GlobalLockOffset, 4) ? BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(GlobalLockOffset)) : 0;
    public FacsFlags Flags => Has(FlagsOffset, 4) ? (FacsFlags)BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(FlagsOffset)) : 0;

    /// <summary>
    /// Protected-mode or long-mode address; used instead of the 32-bit one when not zero. Zero where the structure ends before it.
    /// </summary>
    public ulong XFirmwareWakingVector =>
        Has(XFirmwareWakingVectorOffset, 8) ? BinaryPrimitives.ReadUInt64LittleEndian(_bytes.Slice(XFirmwareWakingVectorOffset)) : 0;

    /// <summary>0 for ACPI 1.0, 1 with the 64-bit vector, 2 with OSPM flags.</summary>
    public byte Version => Has(VersionOffset, 1) ? _bytes[VersionOffset] : (byte)0;

    /// <summary>
    /// What the OS asks for: with <see cref="FacsFlags.S4BiosF"/>'s neighbour 64BIT_WAKE_F the vector is entered in long mode.
    /// </summary>
    public OspmFacsFlags OspmFlags =>
        Has(OspmFlagsOffset, 4) ? (OspmFacsFlags)BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(OspmFlagsOffset)) : 0;

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

    private bool Has(int offset, int size) => _bytes.Length >= offset + size;
}

/// <summary>Firmware control structure feature flags (ACPI 6.5, table 5.14).</summary>
[Flags]
public enum FacsFlags : uint
{
    S4BiosF = 1u << 0,

    /// <summary>64BIT_WAKE_SUPPORTED_F: the firmware can enter the X vector in long mode.</summary>
    SixtyFourBitWakeSupportedF = 1u << 1,
}

/// <summary>OSPM-enabled firmware control structure flags (ACPI 6.5, table 5.15).</summary>
[Flags]
public enum OspmFacsFlags : uint
{
    /// <summary>64BIT_WAKE_F: enter the X vector in long mode.</summary>
    SixtyFourBitWakeF = 1u << 0,
}

using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>High Precision Event Timer table (IA-PC HPET Specification 1.0a, 3.2.4 "The ACPI 2.0 HPET Description Table").</summary>
public readonly ref struct Hpet
{
    public const int MinimumLength = 56;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">The whole table; one shorter than <see cref="MinimumLength"/> has nothing in it.</param>
    public Hpet(ReadOnlySpan<byte> bytes) => _bytes = bytes.Length < MinimumLength ? default : bytes;

    public bool IsValid => !_bytes.IsEmpty;

    /// <summary>Where the registers are; not present in a damaged table.</summary>
    public GenericAddress BaseAddress => _bytes.IsEmpty ? default : GenericAddress.Read(_bytes.Slice(40));
    public byte HpetNumber => _bytes.IsEmpty ? (byte)0 : _bytes[52];

    /// <summary>Least number of counter ticks between periodic interrupts without losing one.</summary>
    public ushort MinimumTick => _bytes.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(_bytes.Slice(53));
}

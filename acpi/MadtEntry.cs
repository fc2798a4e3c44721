using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>
/// One interrupt controller structure of the MADT (ACPI 6.5, 5.2.12, table 5.20), as <see cref="TableRecords"/> gives it.
/// </summary>
public readonly ref struct MadtEntry
{
    private const byte IoApic = 1;

    private readonly ReadOnlySpan<byte> _bytes;

    public MadtEntry(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Where the registers of an I/O APIC are; false for every other type.</summary>
    public bool TryGetIoApic(out uint address)
    {
        bool isIoApic = _bytes[0] == IoApic;
        address = isIoApic ? BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(4)) : 0;
        return isIoApic;
    }

    /// <summary>The least that a structure of a type must have; 2, its header, for types without meaning on a PC.</summary>
    internal static int LengthOf(byte type)
    {
        ReadOnlySpan<byte> lengths = [8, 12, 10, 8, 6, 12, 2, 2, 2, 16, 12];
        return type < lengths.Length ? lengths[type] : 2;
    }
}

using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>
/// The four characters that name a table (ACPI 6.5, 5.2.6 "System Description Table Header"), first character in the low byte.
/// </summary>
public readonly struct Signature
{
    /// <summary>The characters as they lie in memory, read as a little-endian number.</summary>
    public uint Value { get; }

    /// <param name="value">The characters as they lie in memory, read as a little-endian number.</param>
    public Signature(uint value) => Value = value;

    /// <param name="text">At least four bytes; the first four count.</param>
    public Signature(ReadOnlySpan<byte> text) => Value = BinaryPrimitives.ReadUInt32LittleEndian(text);

    public static Signature Rsdt => new(0x54445352);
    public static Signature Xsdt => new(0x54445358);
    public static Signature Fadt => new(0x50434146);
    public static Signature Facs => new(0x53434146);
    public static Signature Dsdt => new(0x54445344);
    public static Signature Ssdt => new(0x54445353);
    public static Signature Psdt => new(0x54445350);
    public static Signature Osdt => new(0x5444534F);
    public static Signature Madt => new(0x43495041);
    public static Signature Dmar => new(0x52414D44);
    public static Signature Ivrs => new(0x53525649);
    public static Signature Hpet => new(0x54455048);
    public static Signature Bgrt => new(0x54524742);

    /// <summary>True for the tables whose body is AML that an OS loads at start (the DSDT is reached through the FADT instead).</summary>
    public bool IsSecondaryDefinitionBlock => Value == Ssdt.Value || Value == Psdt.Value || Value == Osdt.Value;

    public static bool operator ==(Signature left, Signature right) => left.Value == right.Value;

    public static bool operator !=(Signature left, Signature right) => left.Value != right.Value;

    public override bool Equals(object? obj) => obj is Signature other && other.Value == Value;

    public override int GetHashCode() => (int)Value;
}

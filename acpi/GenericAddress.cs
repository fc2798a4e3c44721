using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>Address spaces of a Generic Address Structure (ACPI 6.5, table 5.1).</summary>
public enum AddressSpace : byte
{
    SystemMemory = 0,
    SystemIo = 1,
    PciConfiguration = 2,
    EmbeddedController = 3,
    SmBus = 4,
    SystemCmos = 5,
    PciBarTarget = 6,
    Ipmi = 7,
    GeneralPurposeIo = 8,
    GenericSerialBus = 9,
    PlatformCommunicationsChannel = 10,
    FunctionalFixedHardware = 0x7F,
}

/// <summary>Generic Address Structure (ACPI 6.5, 5.2.3.2), or what a legacy 32-bit field amounts to when written as one.</summary>
public readonly struct GenericAddress
{
    public const int Size = 12;

    public GenericAddress(AddressSpace space, byte bitWidth, byte bitOffset, byte accessSize, ulong address)
    {
        Space = space;
        BitWidth = bitWidth;
        BitOffset = bitOffset;
        AccessSize = accessSize;
        Address = address;
    }

    public AddressSpace Space { get; }

    /// <summary>Width of the register in bits.</summary>
    public byte BitWidth { get; }
    public byte BitOffset { get; }

    /// <summary>0 undefined, 1 byte, 2 word, 3 double word, 4 quad word.</summary>
    public byte AccessSize { get; }
    public ulong Address { get; }

    /// <summary>A register is there when its address is not zero (ACPI 6.5, 5.2.3.2).</summary>
    public bool IsPresent => Address != 0;

    /// <param name="bytes">At least <see cref="Size"/> bytes.</param>
    public static GenericAddress Read(ReadOnlySpan<byte> bytes) => new(
        (AddressSpace)bytes[0], bytes[1], bytes[2], bytes[3], BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice(4)));
}

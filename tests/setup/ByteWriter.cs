using System;

namespace Switcher.Tests.Setup;

/// <summary>Puts bytes one behind the other.</summary>
internal unsafe struct ByteWriter
{
    private byte* _start;
    private int _capacity;

    public int Length { get; private set; }

    public readonly bool IsCreated => _start != null;

    public readonly ReadOnlySpan<byte> Written => new(_start, Length);

    public static ByteWriter Create(int capacity)
    {
        byte* memory = Machine.Allocate(capacity);
        return new ByteWriter { _start = memory, _capacity = memory == null ? 0 : capacity };
    }

    public void Byte(byte value)
    {
        if (Length < _capacity)
            _start[Length++] = value;
    }

    public void U16(int value)
    {
        Byte((byte)value);
        Byte((byte)(value >> 8));
    }

    public void U32(uint value)
    {
        U16((int)(value & 0xFFFF));
        U16((int)(value >> 16));
    }

    public void Zeros(int count)
    {
        for (int i = 0; i < count; i++)
            Byte(0);
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
            Byte(bytes[i]);
    }

    /// <summary>ASCII as UTF-16, without a NUL.</summary>
    public void Text(ReadOnlySpan<byte> ascii)
    {
        for (int i = 0; i < ascii.Length; i++)
            U16(ascii[i]);
    }

    /// <summary>Four hexadecimal digits in ASCII as UTF-16, then a NUL.</summary>
    public void Number(ushort number)
    {
        for (int shift = 12; shift >= 0; shift -= 4)
            U16("0123456789ABCDEF"u8[(number >> shift) & 0xF]);
        U16(0);
    }
}

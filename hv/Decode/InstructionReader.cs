using System;

namespace Switcher.Hv.Decode;

/// <summary>Takes the bytes of an instruction from front to back. After the end it gives zeros and says so.</summary>
internal ref struct InstructionReader
{
    private readonly ReadOnlySpan<byte> bytes;

    public InstructionReader(ReadOnlySpan<byte> bytes)
        => this.bytes = bytes.Length > InstructionDecoder.MaximumLength ? bytes[..InstructionDecoder.MaximumLength] : bytes;

    /// <summary>How many bytes were taken, also beyond the end.</summary>
    public int Position { get; private set; }

    public readonly bool IsBeyondEnd => Position > bytes.Length;

    public readonly byte Peek() => Position < bytes.Length ? bytes[Position] : (byte)0;

    public byte Take()
    {
        byte value = Peek();
        Position++;
        return value;
    }

    public void Skip(int count) => Position += count;

    /// <summary>Takes a little-endian number of 0 to 8 bytes and sign-extends it.</summary>
    public ulong TakeSigned(int size)
    {
        ulong value = 0;
        for (int i = 0; i < size; i++)
            value |= (ulong)Take() << (8 * i);
        int unused = 64 - (8 * size);
        return size == 0 ? 0 : (ulong)((long)(value << unused) >> unused);
    }
}

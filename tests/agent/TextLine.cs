using System;

namespace Switcher.Agent;

/// <summary>Builds one line of text in a buffer of the caller's. What does not fit is dropped.</summary>
internal ref struct TextLine
{
    private readonly Span<byte> _buffer;
    private int _length;

    public TextLine(Span<byte> buffer)
    {
        _buffer = buffer;
        _length = 0;
    }

    public readonly ReadOnlySpan<byte> Text => _buffer.Slice(0, _length);

    public void Add(byte value)
    {
        if (_length < _buffer.Length)
            _buffer[_length++] = value;
    }

    public void Add(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++)
            Add(text[i]);
    }

    public void AddDecimal(long value)
    {
        if (value < 0)
            Add((byte)'-');
        AddDigits(value < 0 ? 0 - (ulong)value : (ulong)value, 10);
    }

    public void AddHex(ulong value)
    {
        Add("0x"u8);
        AddDigits(value, 16);
    }

    /// <summary>Adds " key=".</summary>
    public void AddKey(ReadOnlySpan<byte> key)
    {
        Add((byte)' ');
        Add(key);
        Add((byte)'=');
    }

    private void AddDigits(ulong value, uint radix)
    {
        ulong scale = 1;
        while (value / scale >= radix)
            scale *= radix;
        for (; scale > 0; scale /= radix)
        {
            uint digit = (uint)(value / scale % radix);
            Add((byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
    }
}

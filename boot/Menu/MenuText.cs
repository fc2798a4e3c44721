using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Switcher.Boot.Menu;

/// <summary>A short text of printable ASCII that is a value, so that an entry of the menu can hold it.</summary>
public struct MenuText
{
    /// <summary>Characters that fit.</summary>
    public const int Capacity = 47;

    private Buffer _buffer;
    private byte _length;

    /// <summary>The text.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Written => MemoryMarshal.CreateReadOnlySpan(in _buffer.First, Capacity).Slice(0, _length);

    /// <summary>The beginning of a text, as much as fits.</summary>
    public static MenuText StartOf(ReadOnlySpan<byte> text)
    {
        MenuText result = default;
        for (int i = 0; i < text.Length && i < Capacity; i++)
            result.Add(text[i]);
        return result;
    }

    /// <summary>The beginning of a text in UTF-16, little-endian.</summary>
    public static MenuText StartOfUtf16(ReadOnlySpan<byte> text)
    {
        MenuText result = default;
        for (int i = 0; i + 1 < text.Length && result._length < Capacity; i += 2)
            result.Add(text[i + 1] == 0 ? text[i] : (byte)'?');
        return result;
    }

    /// <summary>A text of at most <paramref name="width"/> characters: of a longer one the end, which tells more of a path.</summary>
    public static MenuText EndOf(ReadOnlySpan<byte> text, int width)
    {
        int most = width < Capacity ? width : Capacity;
        if (text.Length <= most)
            return StartOf(text);
        MenuText result = StartOf("..."u8);
        for (int i = text.Length - (most - result._length); i < text.Length; i++)
            result.Add(text[i]);
        return result;
    }

    private void Add(byte character)
    {
        MemoryMarshal.CreateSpan(ref _buffer.First, Capacity)[_length] = character is >= 0x20 and < 0x7F ? character : (byte)'?';
        _length++;
    }

    [StructLayout(LayoutKind.Sequential, Size = Capacity)]
    private struct Buffer
    {
        public byte First;
    }
}

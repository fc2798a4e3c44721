using System;

namespace Switcher.Boot.Text;

/// <summary>
/// Text between our UTF-8 and the firmware's UTF-16 (The Unicode Standard 15.0, 3.9 "Unicode Encoding Forms"). What is malformed becomes
/// U+FFFD.
/// </summary>
public static class Utf
{
    private const uint Replacement = 0xFFFD;
    private const uint Bad = uint.MaxValue;

    public static bool IsValidUtf8(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length;)
        {
            if (NextUtf8(text, ref i) == Bad)
                return false;
        }

        return true;
    }

    /// <summary>Converts as much as fits, in whole characters, and adds no NUL.</summary>
    /// <returns>The number of 16-bit units written.</returns>
    public static int ToUtf16(ReadOnlySpan<byte> utf8, Span<char> utf16)
    {
        int length = 0;
        for (int i = 0; i < utf8.Length;)
        {
            uint scalar = NextUtf8(utf8, ref i);
            if (scalar == Bad)
                scalar = Replacement;
            int needed = scalar >= 0x10000 ? 2 : 1;
            if (needed > utf16.Length - length)
                break;
            if (needed == 1)
            {
                utf16[length++] = (char)scalar;
                continue;
            }

            utf16[length++] = (char)(0xD800 + ((scalar - 0x10000) >> 10));
            utf16[length++] = (char)(0xDC00 + ((scalar - 0x10000) & 0x3FF));
        }

        return length;
    }

    /// <summary>Converts as much as fits, in whole characters, and adds no NUL.</summary>
    /// <param name="utf16">Little-endian units, at any alignment; half a unit at the end is ignored.</param>
    /// <param name="utf8">Receives the text.</param>
    /// <returns>The number of bytes written.</returns>
    public static int ToUtf8(ReadOnlySpan<byte> utf16, Span<byte> utf8)
    {
        int length = 0;
        for (int i = 0; i + 1 < utf16.Length;)
        {
            uint scalar = NextUtf16(utf16, ref i);
            int needed = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
            if (needed > utf8.Length - length)
                break;
            if (needed == 1)
            {
                utf8[length++] = (byte)scalar;
                continue;
            }

            // The first byte tells the length by its upper bits; each that follows carries six bits.
            int shift = 6 * (needed - 1);
            utf8[length++] = (byte)((0xF00u >> needed) | (scalar >> shift));
            while (shift > 0)
            {
                shift -= 6;
                utf8[length++] = (byte)(0x80 | ((scalar >> shift) & 0x3F));
            }
        }

        return length;
    }

    private static uint NextUtf16(ReadOnlySpan<byte> text, ref int index)
    {
        uint unit = Unit(text, index);
        index += 2;
        if (unit is < 0xD800 or > 0xDFFF)
            return unit;
        if (unit > 0xDBFF || index + 1 >= text.Length || Unit(text, index) is < 0xDC00 or > 0xDFFF)
            return Replacement;
        uint second = Unit(text, index);
        index += 2;
        return 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
    }

    private static uint Unit(ReadOnlySpan<byte> text, int index) => (uint)(text[index] | (text[index + 1] << 8));

    /// <summary>The next character, or <see cref="Bad"/> after passing over one byte that begins none.</summary>
    private static uint NextUtf8(ReadOnlySpan<byte> text, ref int index)
    {
        byte first = text[index++];
        if (first < 0x80)
            return first;

        int more = first switch
        {
            >= 0xC2 and <= 0xDF => 1,
            >= 0xE0 and <= 0xEF => 2,
            >= 0xF0 and <= 0xF4 => 3,
            _ => 0,
        };
        if (more == 0 || more > text.Length - index)
            return Bad;

        uint scalar = (uint)(first & (0x3F >> more));
        for (int i = 0; i < more; i++)
        {
            byte next = text[index + i];
            if ((next & 0xC0) != 0x80)
                return Bad;
            scalar = (scalar << 6) | (uint)(next & 0x3F);
        }

        // Longer than need be, a surrogate, or beyond the last character.
        uint least = more == 1 ? 0x80u : more == 2 ? 0x800u : 0x10000u;
        if (scalar < least || scalar is (>= 0xD800 and <= 0xDFFF) or > 0x10FFFF)
            return Bad;
        index += more;
        return scalar;
    }
}

using System;

namespace Switcher.Agent;

/// <summary>Takes a text apart, word by word.</summary>
internal ref struct Words
{
    private ReadOnlySpan<byte> _rest;

    public Words(ReadOnlySpan<byte> text) => _rest = text;

    /// <summary>What was not taken yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>The next word up to a blank, or an empty one at the end.</summary>
    public ReadOnlySpan<byte> Next()
    {
        int start = 0;
        while (start < _rest.Length && IsBlank(_rest[start]))
            start++;
        int end = start;
        while (end < _rest.Length && !IsBlank(_rest[end]))
            end++;
        ReadOnlySpan<byte> word = _rest.Slice(start, end - start);
        _rest = _rest.Slice(end);
        return word;
    }

    /// <summary>The next word as a number, decimal or with 0x.</summary>
    public bool TryNextNumber(out ulong value)
    {
        ReadOnlySpan<byte> word = Next();
        bool hex = word.Length > 2 && word[0] == '0' && word[1] == 'x';
        return TryParse(hex ? word.Slice(2) : word, hex ? 16u : 10u, out value);
    }

    /// <summary>Reads digits of a radix up to 16; all of the text must be digits.</summary>
    public static bool TryParse(ReadOnlySpan<byte> digits, uint radix, out ulong value)
    {
        value = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            uint digit = DigitOf(digits[i]);
            if (digit >= radix)
                return false;
            value = (value * radix) + digit;
        }

        return digits.Length > 0;
    }

    public static bool Same(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length)
            return false;
        for (int i = 0; i < left.Length; i++)
        {
            if (left[i] != right[i])
                return false;
        }

        return true;
    }

    /// <summary>Where a text begins inside another, or -1.</summary>
    public static int Find(ReadOnlySpan<byte> text, ReadOnlySpan<byte> wanted)
    {
        for (int i = 0; i + wanted.Length <= text.Length; i++)
        {
            if (Same(text.Slice(i, wanted.Length), wanted))
                return i;
        }

        return -1;
    }

    private static uint DigitOf(byte character)
    {
        if (character >= '0' && character <= '9')
            return (uint)(character - '0');
        return character >= 'a' && character <= 'f' ? (uint)(character - 'a' + 10) : uint.MaxValue;
    }

    private static bool IsBlank(byte character) => character is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';
}

using System;

namespace Switcher.Tests.Setup;

/// <summary>A line of the setup file, taken word by word.</summary>
internal ref struct Words
{
    private ReadOnlySpan<byte> _rest;

    public Words(ReadOnlySpan<byte> line)
    {
        Line = line;
        _rest = line;
    }

    /// <summary>All of it.</summary>
    public ReadOnlySpan<byte> Line { get; }

    public readonly bool IsEmpty => _rest.IsEmpty;

    /// <summary>What has not been taken yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Takes a line off a file, without its end.</summary>
    public static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> file)
    {
        int end = file.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? file : file[..end];
        file = end < 0 ? default : file[(end + 1)..];
        return line.Length > 0 && line[^1] == (byte)'\r' ? line[..^1] : line;
    }

    /// <summary>Takes the next word; one in quotation marks may have spaces.</summary>
    public ReadOnlySpan<byte> Take()
    {
        byte end = (byte)' ';
        if (_rest.Length > 0 && _rest[0] == (byte)'"')
        {
            end = (byte)'"';
            _rest = _rest[1..];
        }

        int length = _rest.IndexOf(end);
        ReadOnlySpan<byte> word = length < 0 ? _rest : _rest[..length];
        _rest = length < 0 ? default : _rest[(length + 1)..];
        while (_rest.Length > 0 && _rest[0] == (byte)' ')
            _rest = _rest[1..];
        return word;
    }

    /// <summary>Takes a number.</summary>
    /// <param name="radix">10 or 16.</param>
    /// <param name="number">Its value.</param>
    /// <returns>False if the next word is none.</returns>
    public bool TryTakeNumber(int radix, out uint number)
    {
        ReadOnlySpan<byte> word = Take();
        number = 0;
        for (int i = 0; i < word.Length; i++)
        {
            int digit = DigitOf(word[i]);
            if (digit < 0 || digit >= radix)
                return false;
            number = (number * (uint)radix) + (uint)digit;
        }

        return word.Length > 0;
    }

    /// <summary>Reads two hexadecimal digits for each byte, of all bytes.</summary>
    public static bool TryReadBytes(ReadOnlySpan<byte> digits, Span<byte> bytes)
    {
        if (digits.Length != 2 * bytes.Length)
            return false;
        for (int i = 0; i < bytes.Length; i++)
        {
            int high = DigitOf(digits[2 * i]);
            int low = DigitOf(digits[(2 * i) + 1]);
            if (high < 0 || low < 0)
                return false;
            bytes[i] = (byte)((high << 4) | low);
        }

        return true;
    }

    private static int DigitOf(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
        _ => -1,
    };
}

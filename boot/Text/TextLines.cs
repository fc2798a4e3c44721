using System;

namespace Switcher.Boot.Text;

/// <summary>A line that is not blank, without blanks at its ends.</summary>
public readonly ref struct TextLine
{
    /// <summary>The line's bytes.</summary>
    public readonly ReadOnlySpan<byte> Text;

    /// <summary>Counted from 1, blank lines included.</summary>
    public readonly int Number;

    internal TextLine(ReadOnlySpan<byte> text, int number)
    {
        Text = text;
        Number = number;
    }
}

/// <summary>The lines of a text up to its first NUL. Use with foreach.</summary>
public ref struct TextLines
{
    private ReadOnlySpan<byte> rest;
    private ReadOnlySpan<byte> line;
    private int number;

    public TextLines(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)0);
        rest = end < 0 ? text : text[..end];
        if (rest.StartsWith("\uFEFF"u8))
            rest = rest[3..];
    }

    public readonly TextLine Current => new(line, number);

    public readonly TextLines GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            line = Trim(end < 0 ? rest : rest[..end]);
            rest = end < 0 ? default : rest[(end + 1)..];
            number++;
            if (!line.IsEmpty)
                return true;
        }

        return false;
    }

    /// <summary>A text without the blanks at its ends.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty && IsBlank(text[0]))
            text = text[1..];
        while (!text.IsEmpty && IsBlank(text[^1]))
            text = text[..^1];
        return text;
    }

    private static bool IsBlank(byte character) => character is (byte)' ' or (byte)'\t' or (byte)'\r';
}

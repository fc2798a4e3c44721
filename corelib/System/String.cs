using System.Runtime.CompilerServices;

namespace System;

/// <summary>A string literal: the image holds length and UTF-16 units, followed by a zero unit as firmware wants it.</summary>
public sealed class String
{
    // The compiler lays literals down in this form: keep the order and the types of the fields.
    private readonly int _length;
    private readonly char _firstChar;

    private String()
    {
        _length = 0;
        _firstChar = '\0';
    }

    public int Length => _length;

    [IndexerName("Chars")]
    public char this[int index]
    {
        get
        {
            if ((uint)index >= (uint)_length)
                ThrowHelper.ThrowIndexOutOfRange();
            return Unsafe.Add(ref Unsafe.AsRef(in _firstChar), index);
        }
    }

    public ref readonly char GetPinnableReference() => ref _firstChar;

    public static implicit operator ReadOnlySpan<char>(string? value) => value.AsSpan();
}

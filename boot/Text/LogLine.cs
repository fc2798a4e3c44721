using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Text;

/// <summary>
/// Builds one log line, <c>KIND subject key=value key="text with spaces"</c>, in a buffer of its own: nothing is allocated, and what does
/// not fit is cut. The lines are a contract with the programs that read the log, so everything is ASCII and every value has its key.
/// </summary>
public struct LogLine
{
    /// <summary>Bytes of the longest line, LF included.</summary>
    public const int Capacity = 1024;

    private Buffer _buffer;
    private int _length;

    /// <param name="start">How the line starts: its kind and subject, e.g. <c>STEP launch</c>.</param>
    public LogLine(ReadOnlySpan<byte> start) => Text(start);

    /// <summary>What has been written so far.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Written => MemoryMarshal.CreateSpan(ref _buffer.First, Capacity).Slice(0, _length);

    /// <summary>Appends text as it is, printable ASCII.</summary>
    public void Text(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++)
            Put(text[i]);
    }

    /// <summary>Appends <c> key=1234</c>.</summary>
    public void Number(ReadOnlySpan<byte> key, ulong value)
    {
        Key(key);
        Decimal(value);
    }

    /// <summary>Appends <c> key=0x1234</c>.</summary>
    public void Hex(ReadOnlySpan<byte> key, ulong value)
    {
        Key(key);
        Hexadecimal(value);
    }

    /// <summary>Appends <c> key=word</c>; the word has no spaces.</summary>
    public void Word(ReadOnlySpan<byte> key, ReadOnlySpan<byte> word)
    {
        Key(key);
        Text(word);
    }

    /// <summary>
    /// Appends <c> key="text"</c>. A quotation mark becomes an apostrophe, anything that is not printable ASCII a question mark.
    /// </summary>
    public void Quoted(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text)
    {
        Key(key);
        Put((byte)'"');
        for (int i = 0; i < text.Length; i++)
            Put(text[i] == (byte)'"' ? (byte)'\'' : text[i]);
        Put((byte)'"');
    }

    /// <summary>Appends <c> key=0xSTART+0xLENGTH</c>.</summary>
    public void Range(ReadOnlySpan<byte> key, MemoryRange range)
    {
        Key(key);
        Range(range);
    }

    /// <summary>Appends <c> key=</c>, for values that the caller writes in pieces.</summary>
    public void Key(ReadOnlySpan<byte> key)
    {
        Put((byte)' ');
        Text(key);
        Put((byte)'=');
    }

    /// <summary>Appends <c>0xSTART+0xLENGTH</c>.</summary>
    public void Range(MemoryRange range)
    {
        Hexadecimal(range.Start);
        Put((byte)'+');
        Hexadecimal(range.Length);
    }

    /// <summary>Appends a number in decimal digits.</summary>
    public void Decimal(ulong value)
    {
        ulong power = 1;
        while (value / power >= 10)
            power *= 10;
        for (; power != 0; power /= 10)
            Put((byte)('0' + (value / power % 10)));
    }

    /// <summary>Appends a number as <c>0x</c> and lower-case digits, without leading zeros.</summary>
    public void Hexadecimal(ulong value)
    {
        Text("0x"u8);
        int digits = 1;
        while (digits < 16 && value >> (4 * digits) != 0)
            digits++;
        HexDigits(value, digits);
    }

    /// <summary>Appends exactly <paramref name="digits"/> hexadecimal digits, as in the name <c>Boot0001</c>.</summary>
    public void HexDigits(ulong value, int digits)
    {
        for (int i = digits - 1; i >= 0; i--)
            Put("0123456789abcdef"u8[(int)(value >> (4 * i)) & 0xF]);
    }

    /// <summary>Ends the line with LF and hands it to the sink. The line can then be started anew.</summary>
    public void WriteTo<TSink>()
        where TSink : ILogSink
    {
        Span<byte> bytes = MemoryMarshal.CreateSpan(ref _buffer.First, Capacity);
        bytes[_length] = (byte)'\n';
        TSink.Write(bytes.Slice(0, _length + 1));
        _length = 0;
    }

    // One byte stays free for the LF.
    private void Put(byte character)
    {
        if (_length >= Capacity - 1)
            return;
        bool printable = character >= 0x20 && character < 0x7F;
        MemoryMarshal.CreateSpan(ref _buffer.First, Capacity)[_length] = printable ? character : (byte)'?';
        _length++;
    }

    [StructLayout(LayoutKind.Sequential, Size = Capacity)]
    private struct Buffer
    {
        public byte First;
    }
}

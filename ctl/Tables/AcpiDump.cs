using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;

namespace Switcher.Ctl.Tables;

/// <summary>
/// Reads the text that the <c>acpidump</c> tool writes: for each table a line <c>SIGN @ 0xADDRESS</c>, then lines of an offset and up to
/// sixteen bytes in hexadecimal, with the same bytes as characters behind them.
/// </summary>
public static class AcpiDump
{
    /// <summary>A dump of a real machine has a few megabytes; reading stops here.</summary>
    private const int MaximumTextLength = 256 << 20;

    /// <summary>Reads a dump, compressed by gzip or not.</summary>
    /// <returns>The tables in the order of the dump; none when the text is not a dump.</returns>
    /// <exception cref="InvalidDataException">The compressed data are damaged, or there is far too much text.</exception>
    public static List<DumpedTable> Read(Stream stream)
    {
        MemoryStream start = new();
        stream.CopyTo(start);
        start.Position = 0;
        bool isCompressed = start.Length >= 2 && start.ReadByte() == 0x1F && start.ReadByte() == 0x8B;
        start.Position = 0;
        using Stream text = isCompressed ? new GZipStream(start, CompressionMode.Decompress) : start;
        using StreamReader reader = new(text);
        return Parse(reader);
    }

    private static List<DumpedTable> Parse(TextReader reader)
    {
        List<DumpedTable> tables = [];
        List<byte> bytes = [];
        string? signature = null;
        ulong address = 0;
        long length = 0;
        while (reader.ReadLine() is { } line)
        {
            length += line.Length + 1;
            if (length > MaximumTextLength)
                throw new InvalidDataException("The dump is too long.");
            if (TryReadBytes(line, bytes))
                continue;
            if (!TryReadHeader(line, out string? next, out ulong nextAddress))
                continue;
            Finish();
            signature = next;
            address = nextAddress;
        }
        Finish();
        return tables;

        void Finish()
        {
            if (signature != null && bytes.Count != 0)
                tables.Add(DumpedTable.FromBytes(signature, address, bytes.ToArray()));
            bytes.Clear();
        }
    }

    private static bool TryReadHeader(string line, out string? signature, out ulong address)
    {
        int at = line.IndexOf(" @ 0x", StringComparison.Ordinal);
        signature = null;
        address = 0;
        if (at is < 1 or > 8)
            return false;
        ReadOnlySpan<char> digits = line.AsSpan(at + 5).TrimEnd();
        if (!ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out address))
            return false;
        signature = line.Substring(0, at);
        return true;
    }

    /// <summary>Appends the bytes of a line such as <c>    0010: 41 4C 41 53 ..  ALAS</c>.</summary>
    private static bool TryReadBytes(string line, List<byte> bytes)
    {
        int colon = line.IndexOf(':');
        if (colon < 1 || line.Length < colon + 4 || line[colon + 1] != ' '
            || line.AsSpan(0, colon).TrimStart().ContainsAnyExcept(HexDigits))
            return false;
        int position = colon + 1;
        int count = 0;
        while (count < 16 && position + 2 < line.Length && line[position] == ' '
            && byte.TryParse(line.AsSpan(position + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
        {
            bytes.Add(value);
            position += 3;
            count++;
        }
        return count != 0;
    }

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789ABCDEFabcdef");
}

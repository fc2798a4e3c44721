using System;

namespace Switcher.Acpi;

/// <summary>ACPI checksums: all bytes of a structure, its checksum byte included, add up to zero (ACPI 6.5, 5.2.6).</summary>
public static class Checksum
{
    /// <summary>The sum of all bytes, modulo 256: zero for a structure whose checksum is right.</summary>
    public static byte Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i++)
            sum += bytes[i];
        return (byte)sum;
    }

    /// <summary>Sets the byte at <paramref name="checksumOffset"/> so that <paramref name="bytes"/> add up to zero.</summary>
    public static void Set(Span<byte> bytes, int checksumOffset)
    {
        bytes[checksumOffset] = 0;
        bytes[checksumOffset] = (byte)-Sum(bytes);
    }
}

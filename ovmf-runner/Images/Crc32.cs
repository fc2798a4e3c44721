using System;

namespace Switcher.Runner.Images;

/// <summary>The CRC-32 that the GUID partition table uses (UEFI 2.10, 5.3.2 "GPT Header": the CCITT32 polynomial).</summary>
public static class Crc32
{
    private const uint ReversedPolynomial = 0xEDB8_8320;

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ ReversedPolynomial : crc >> 1;
        }

        return ~crc;
    }
}

using System;
using System.Collections.Generic;

namespace Switcher.Tests.Hv.Decode;

/// <summary>Strings of 15 bytes that begin with instructions, or nearly.</summary>
public static class Corpus
{
    private static readonly byte[][] LegacyPrefixes =
    [
        [], [0x66], [0x67], [0xF2], [0xF3], [0xF0], [0x48], [0x44], [0x66, 0x67], [0x66, 0x48], [0x67, 0x4F], [0x66, 0xF2],
        [0xF3, 0x66, 0x41], [0xF2, 0x48], [0xF3, 0x48], [0x2E, 0xF3], [0x48, 0x66], [0x65, 0xF0], [0x66, 0xF3], [0x67, 0xF3],
        [0x67, 0x66, 0x48],
    ];

    private static readonly byte[][] Escapes = [[], [0x0F], [0x0F, 0x38], [0x0F, 0x3A]];

    /// <summary>
    /// Each opcode of the four legacy maps with each of several sets of prefixes, each mod and reg field, and rm fields that matter.
    /// </summary>
    public static IEnumerable<byte[]> Legacy(Random random)
    {
        foreach (byte[] prefixes in LegacyPrefixes)
        {
            foreach (byte[] escape in Escapes)
            {
                for (int opcode = 0; opcode < 256; opcode++)
                {
                    for (int modReg = 0; modReg < 32; modReg++)
                        yield return Fill(random, [.. prefixes, .. escape, (byte)opcode, (byte)((modReg << 3) | random.Next(8))]);
                }
            }
        }

        // Some opcodes are the whole ModRM byte, and 3DNow! has its opcode at the end.
        for (int value = 0; value < 256; value++)
        {
            foreach (byte[] prefixes in LegacyPrefixes)
            {
                yield return Fill(random, [.. prefixes, 0x0F, 0x01, (byte)value]);
                yield return Fill(random, [.. prefixes, 0x0F, 0x1E, (byte)value]);
                yield return Fill(random, [.. prefixes, 0x0F, 0xAE, (byte)value]);
                yield return Fill(random, [.. prefixes, 0x0F, 0xA6, (byte)value]);
                yield return Fill(random, [.. prefixes, 0xC7, (byte)value]);
            }

            for (int group = 0xD8; group < 0xE0; group++)
                yield return Fill(random, [(byte)group, (byte)value]);
            yield return Fill(random, [0x0F, 0x0F, 0xC1, (byte)value]);
        }
    }

    /// <summary>Each opcode of each map of VEX, EVEX and XOP with all that their prefixes can say and several ModRM bytes.</summary>
    public static IEnumerable<byte[]> Vector(Random random)
    {
        for (int opcode = 0; opcode < 256; opcode++)
        {
            for (int modReg = 0; modReg < 32; modReg++)
            {
                byte modRm = (byte)((modReg << 3) | random.Next(8));
                for (int wlpp = 0; wlpp < 16; wlpp++)
                {
                    byte second = (byte)(((wlpp & 8) << 4) | (random.Next(2) == 0 ? 0x78 : random.Next(16) << 3) | (wlpp & 7));
                    yield return Fill(random, [0xC5, (byte)(second | 0x80), (byte)opcode, modRm]);
                    for (int map = 1; map < 4; map++)
                        yield return Fill(random, [0xC4, (byte)(0xE0 | map), second, (byte)opcode, modRm]);
                    yield return Fill(random, [0x8F, (byte)(0xE0 | random.Next(8, 11)), second, (byte)opcode, modRm]);
                }

                for (int wpp = 0; wpp < 8; wpp++)
                {
                    foreach (int map in new[] { 1, 2, 3, 5, 6 })
                    {
                        // Most instructions want no second source, no mask and no rounding; then anything.
                        byte second = (byte)(((wpp & 4) << 5) | 0x7C | (wpp & 3));
                        for (int length = 0; length < 3 && modReg is < 8 or >= 24; length++)
                            yield return Fill(random, [0x62, (byte)(0xF0 | map), second, (byte)((length << 5) | 8), (byte)opcode, modRm]);
                        if (map == 2)
                            yield return Fill(random,
                                [0x62, 0xF2, second, (byte)((random.Next(3) << 5) | 9), (byte)opcode, (byte)((modRm & 0xF8) | 4)]);
                        second = (byte)((second & 0x87) | (random.Next(16) << 3));
                        yield return Fill(random, [0x62, (byte)(0xF0 | map), second, (byte)(random.Next(256) | 8), (byte)opcode, modRm]);
                    }
                }
            }
        }
    }

    /// <summary>Random bytes, with more prefixes and escapes than chance would give.</summary>
    public static IEnumerable<byte[]> Random(Random random, int count)
    {
        byte[] common = [0x66, 0x67, 0xF2, 0xF3, 0xF0, 0x48, 0x40, 0x4C, 0x0F, 0x0F, 0x38, 0x3A, 0xC4, 0xC5, 0x62, 0x8F, 0x2E, 0x65];
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = Fill(random, []);
            int chosen = random.Next(5);
            for (int j = 0; j < chosen; j++)
                bytes[j] = common[random.Next(common.Length)];
            yield return bytes;
        }
    }

    private static byte[] Fill(Random random, ReadOnlySpan<byte> start)
    {
        byte[] bytes = new byte[15];
        random.NextBytes(bytes);
        start.CopyTo(bytes);
        return bytes;
    }
}

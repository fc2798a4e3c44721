using System;
using System.Runtime.InteropServices;
using static Switcher.Tests.CoreLib.Program;

namespace Switcher.Tests.CoreLib;

/// <summary>Spans and the block copy behind them.</summary>
internal static class SpanChecks
{
    public static void Run()
    {
        Copies();
        Searches();
        Span<uint> words = stackalloc uint[4];
        words.Fill(0x0403_0201);
        Span<byte> bytes = MemoryMarshal.AsBytes(words);
        Expect(bytes.Length == 16 && bytes[15] == 4, "AsBytes");
        Expect(MemoryMarshal.Cast<byte, ulong>(bytes[..15]).Length == 1, "Cast rounds down");
        MemoryMarshal.Write(bytes, 0x1122_3344_5566_7788ul);
        Expect(MemoryMarshal.Read<uint>(bytes) == 0x5566_7788, "Write and Read");
        MemoryMarshal.AsRef<ushort>(bytes) = 7;
        Expect(words[0] == 0x5566_0007, "AsRef");
        words.Clear();
        Expect(words[0] == 0 && words[3] == 0, "Clear");
        Expect(words[1..3].Length == 2 && words[^1] == words[3] && Span<int>.Empty.IsEmpty, "ranges");
    }

    private static void Copies()
    {
        Span<byte> buffer = stackalloc byte[64];
        for (int length = 0; length < 40; length++)
        {
            for (int shift = -9; shift <= 9; shift++)
            {
                for (int i = 0; i < buffer.Length; i++)
                    buffer[i] = (byte)i;
                buffer.Slice(10, length).CopyTo(buffer.Slice(10 + shift, length));
                bool right = true;
                for (int i = 0; i < buffer.Length; i++)
                {
                    bool copied = i >= 10 + shift && i < 10 + shift + length;
                    right &= buffer[i] == (copied ? i - shift : i);
                }

                Expect(right, "overlapping copies");
            }
        }

        Expect(!buffer.TryCopyTo(buffer[1..]), "TryCopyTo into less room");
    }

    private static void Searches()
    {
        ReadOnlySpan<byte> text = "key=value=x"u8;
        Expect(text.IndexOf((byte)'=') == 3 && text.LastIndexOf((byte)'=') == 9 && text.IndexOf((byte)'?') == -1, "IndexOf");
        Expect(text.IndexOf("value"u8) == 4 && text.IndexOf(""u8) == 0 && text.IndexOf("valve"u8) == -1, "IndexOf of a sequence");
        Expect(text.StartsWith("key="u8) && text.EndsWith("=x"u8) && !text.EndsWith("key"u8), "StartsWith and EndsWith");
        Expect(text.Contains((byte)'v') && text == text[..] && text != text[1..], "Contains and equality");
    }
}

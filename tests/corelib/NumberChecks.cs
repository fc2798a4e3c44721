using System;
using System.Buffers.Binary;
using System.Numerics;
using static Switcher.Tests.CoreLib.Program;

namespace Switcher.Tests.CoreLib;

/// <summary>Arithmetic that .NET defines.</summary>
internal static class NumberChecks
{
    public static void Run()
    {
        Expect(BitOperations.PopCount(0xF0F0u) == 8 && BitOperations.PopCount(ulong.MaxValue) == 64, "PopCount");
        Expect(BitOperations.TrailingZeroCount(0x100u) == 8 && BitOperations.TrailingZeroCount(1ul << 63) == 63, "TrailingZeroCount");
        Expect(BitOperations.TrailingZeroCount(0u) == 32 && BitOperations.TrailingZeroCount(0ul) == 64, "TrailingZeroCount of 0");
        Expect(BitOperations.LeadingZeroCount(1u) == 31 && BitOperations.LeadingZeroCount(1ul) == 63, "LeadingZeroCount");
        Expect(BitOperations.LeadingZeroCount(0u) == 32 && BitOperations.LeadingZeroCount(0ul) == 64, "LeadingZeroCount of 0");
        Expect(BitOperations.Log2(0x8000u) == 15 && BitOperations.Log2(0ul) == 0, "Log2");
        Expect(BitOperations.RotateLeft(0x8000_0001u, 1) == 3 && BitOperations.RotateRight(1ul, 1) == 1ul << 63, "rotations");
        Expect(BitOperations.RoundUpToPowerOf2(5u) == 8 && BitOperations.RoundUpToPowerOf2(8ul) == 8, "RoundUpToPowerOf2");
        Expect(BitOperations.RoundUpToPowerOf2(0x8000_0001u) == 0, "RoundUpToPowerOf2 beyond the type");
        Expect(BitOperations.IsPow2(64ul) && !BitOperations.IsPow2(0u) && !BitOperations.IsPow2(6u), "IsPow2");
        Expect(Math.Min(3, -4) == -4 && Math.Max(3ul, 4ul) == 4 && Math.Abs(-3) == 3, "Math");
        Expect(5.Equals(5) && !5ul.Equals(6) && 'a'.Equals('a'), "IEquatable");
        Bytes();
    }

    private static void Bytes()
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, 0x8877_6655_4433_2211);
        Expect(bytes[0] == 0x11 && bytes[7] == 0x88, "WriteUInt64LittleEndian");
        Expect(BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]) == 0x3322, "ReadUInt16LittleEndian");
        Expect(BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]) == unchecked((int)0x8877_6655), "ReadInt32LittleEndian");
        Expect(!BinaryPrimitives.TryReadUInt32LittleEndian(bytes[5..], out uint none) && none == 0, "TryRead beyond the end");
        Expect(!BinaryPrimitives.TryWriteUInt16LittleEndian(bytes[7..], 1), "TryWrite beyond the end");
        Expect(BinaryPrimitives.ReverseEndianness(0x1122_3344u) == 0x4433_2211, "ReverseEndianness");
    }
}

namespace System.Numerics;

/// <summary>Counting and turning of bits.</summary>
public static class BitOperations
{
    public static bool IsPow2(uint value) => value != 0 && (value & (value - 1)) == 0;

    public static bool IsPow2(ulong value) => value != 0 && (value & (value - 1)) == 0;

    public static int PopCount(uint value) => PopCount((ulong)value);

    public static int PopCount(ulong value)
    {
        // Sums of 2, 4 and 8 bits side by side; the multiplication adds the eight bytes up in the highest one.
        value -= (value >> 1) & 0x5555_5555_5555_5555;
        value = (value & 0x3333_3333_3333_3333) + ((value >> 2) & 0x3333_3333_3333_3333);
        value = (value + (value >> 4)) & 0x0F0F_0F0F_0F0F_0F0F;
        return (int)((value * 0x0101_0101_0101_0101) >> 56);
    }

    public static int TrailingZeroCount(int value) => TrailingZeroCount((uint)value);

    public static int TrailingZeroCount(uint value) => value == 0 ? 32 : PopCount(~value & (value - 1));

    public static int TrailingZeroCount(long value) => TrailingZeroCount((ulong)value);

    public static int TrailingZeroCount(ulong value) => PopCount(~value & (value - 1));

    public static int LeadingZeroCount(uint value) => LeadingZeroCount((ulong)value) - 32;

    public static int LeadingZeroCount(ulong value)
    {
        // Every bit below the highest one set: what stays clear is the answer.
        value |= value >> 1;
        value |= value >> 2;
        value |= value >> 4;
        value |= value >> 8;
        value |= value >> 16;
        value |= value >> 32;
        return PopCount(~value);
    }

    public static int Log2(uint value) => Log2((ulong)value);

    /// <summary>The number of the highest bit set; 0 for 0, as in .NET.</summary>
    public static int Log2(ulong value) => 63 - LeadingZeroCount(value | 1);

    public static uint RotateLeft(uint value, int offset) => (value << offset) | (value >> (32 - offset));

    public static ulong RotateLeft(ulong value, int offset) => (value << offset) | (value >> (64 - offset));

    public static uint RotateRight(uint value, int offset) => (value >> offset) | (value << (32 - offset));

    public static ulong RotateRight(ulong value, int offset) => (value >> offset) | (value << (64 - offset));

    public static uint RoundUpToPowerOf2(uint value) => value <= 1 ? value : (uint)(1ul << (64 - LeadingZeroCount((ulong)(value - 1))));

    public static ulong RoundUpToPowerOf2(ulong value)
        => value <= 1 ? value : value > 1ul << 63 ? 0 : 1ul << (64 - LeadingZeroCount(value - 1));
}

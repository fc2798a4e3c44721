using System.Runtime.CompilerServices;

namespace System.Threading;

/// <summary>Atomic operations; the code generator puts a locked instruction in place of each call.</summary>
public static class Interlocked
{
    [Intrinsic]
    public static extern int CompareExchange(ref int location1, int value, int comparand);

    [Intrinsic]
    public static extern int Exchange(ref int location1, int value);

    [Intrinsic]
    private static extern int ExchangeAdd(ref int location1, int value);

    [Intrinsic]
    public static extern long CompareExchange(ref long location1, long value, long comparand);

    [Intrinsic]
    public static extern long Exchange(ref long location1, long value);

    [Intrinsic]
    private static extern long ExchangeAdd(ref long location1, long value);

    public static uint CompareExchange(ref uint location1, uint value, uint comparand) =>
        (uint)CompareExchange(ref Unsafe.As<uint, int>(ref location1), (int)value, (int)comparand);

    public static uint Exchange(ref uint location1, uint value) => (uint)Exchange(ref Unsafe.As<uint, int>(ref location1), (int)value);

    public static ulong CompareExchange(ref ulong location1, ulong value, ulong comparand) =>
        (ulong)CompareExchange(ref Unsafe.As<ulong, long>(ref location1), (long)value, (long)comparand);

    public static ulong Exchange(ref ulong location1, ulong value)
        => (ulong)Exchange(ref Unsafe.As<ulong, long>(ref location1), (long)value);

    public static int Add(ref int location1, int value) => ExchangeAdd(ref location1, value) + value;

    public static int Increment(ref int location) => Add(ref location, 1);

    public static int Decrement(ref int location) => Add(ref location, -1);

    public static long Add(ref long location1, long value) => ExchangeAdd(ref location1, value) + value;

    public static long Increment(ref long location) => Add(ref location, 1);

    public static long Decrement(ref long location) => Add(ref location, -1);

    public static uint Add(ref uint location1, uint value) => (uint)Add(ref Unsafe.As<uint, int>(ref location1), (int)value);

    public static uint Increment(ref uint location) => Add(ref location, 1);

    public static uint Decrement(ref uint location) => Add(ref location, uint.MaxValue);

    public static ulong Add(ref ulong location1, ulong value) => (ulong)Add(ref Unsafe.As<ulong, long>(ref location1), (long)value);

    public static ulong Increment(ref ulong location) => Add(ref location, 1);

    public static ulong Decrement(ref ulong location) => Add(ref location, ulong.MaxValue);

    public static uint And(ref uint location1, uint value)
    {
        uint seen = location1;
        while (true)
        {
            uint before = CompareExchange(ref location1, seen & value, seen);
            if (before == seen)
                return before;
            seen = before;
        }
    }

    public static uint Or(ref uint location1, uint value)
    {
        uint seen = location1;
        while (true)
        {
            uint before = CompareExchange(ref location1, seen | value, seen);
            if (before == seen)
                return before;
            seen = before;
        }
    }

    public static ulong And(ref ulong location1, ulong value)
    {
        ulong seen = location1;
        while (true)
        {
            ulong before = CompareExchange(ref location1, seen & value, seen);
            if (before == seen)
                return before;
            seen = before;
        }
    }

    public static ulong Or(ref ulong location1, ulong value)
    {
        ulong seen = location1;
        while (true)
        {
            ulong before = CompareExchange(ref location1, seen | value, seen);
            if (before == seen)
                return before;
            seen = before;
        }
    }

    [Intrinsic]
    public static extern void MemoryBarrier();
}

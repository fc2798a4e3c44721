using System.Runtime.CompilerServices;

namespace System.Threading;

/// <summary>Reads that later accesses do not overtake, and writes that earlier accesses do not fall behind.</summary>
public static class Volatile
{
    [Intrinsic]
    public static extern bool Read(ref readonly bool location);

    [Intrinsic]
    public static extern void Write(ref bool location, bool value);

    [Intrinsic]
    public static extern byte Read(ref readonly byte location);

    [Intrinsic]
    public static extern void Write(ref byte location, byte value);

    [Intrinsic]
    public static extern ushort Read(ref readonly ushort location);

    [Intrinsic]
    public static extern void Write(ref ushort location, ushort value);

    [Intrinsic]
    public static extern int Read(ref readonly int location);

    [Intrinsic]
    public static extern void Write(ref int location, int value);

    [Intrinsic]
    public static extern uint Read(ref readonly uint location);

    [Intrinsic]
    public static extern void Write(ref uint location, uint value);

    [Intrinsic]
    public static extern long Read(ref readonly long location);

    [Intrinsic]
    public static extern void Write(ref long location, long value);

    [Intrinsic]
    public static extern ulong Read(ref readonly ulong location);

    [Intrinsic]
    public static extern void Write(ref ulong location, ulong value);

    [Intrinsic]
    public static extern nint Read(ref readonly nint location);

    [Intrinsic]
    public static extern void Write(ref nint location, nint value);

    [Intrinsic]
    public static extern nuint Read(ref readonly nuint location);

    [Intrinsic]
    public static extern void Write(ref nuint location, nuint value);
}

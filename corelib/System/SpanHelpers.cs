using System.Runtime;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace System;

/// <summary>
/// Block copy and fill. The code generator calls the three methods on bytes by these names for copies that it does not inline.
/// </summary>
internal static unsafe class SpanHelpers
{
    [Intrinsic]
    internal static void Memmove(ref byte dest, ref byte src, nuint len) =>
        CopyMemory((byte*)Unsafe.AsPointer(ref dest), (byte*)Unsafe.AsPointer(ref src), len);

    internal static void Fill(ref byte dest, byte value, nuint len) => FillMemory((byte*)Unsafe.AsPointer(ref dest), value, len);

    internal static void ClearWithoutReferences(ref byte dest, nuint len) => FillMemory((byte*)Unsafe.AsPointer(ref dest), 0, len);

    /// <summary>Copies <paramref name="count"/> values; the two areas may overlap.</summary>
    internal static void Copy<T>(ref T destination, ref T source, int count) => Memmove(
        ref Unsafe.As<T, byte>(ref destination), ref Unsafe.As<T, byte>(ref source), (nuint)(uint)count * (nuint)Unsafe.SizeOf<T>());

    [RuntimeImport, MethodImpl(InternalCall)] private static extern void CopyMemory(byte* destination, byte* source, nuint length);

    [RuntimeImport, MethodImpl(InternalCall)] private static extern void FillMemory(byte* destination, byte value, nuint length);
}

using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace System;

/// <summary>
/// Where every broken rule ends: a message that names it and the program's own <c>Panic</c>. There are no exceptions, and
/// firmware is never entered from here.
/// </summary>
internal static class ThrowHelper
{
    [DoesNotReturn]
    internal static void ThrowIndexOutOfRange() => Panic("index out of range");

    [DoesNotReturn]
    internal static void ThrowArgumentOutOfRange() => Panic("argument out of range");

    [DoesNotReturn]
    internal static void ThrowArgument() => Panic("argument not valid");

    [DoesNotReturn]
    internal static void ThrowInvalidOperation() => Panic("operation not valid");

    [DoesNotReturn]
    internal static void ThrowOverflow() => Panic("arithmetic overflow");

    /// <summary>The program's last word, which it defines with <c>[RuntimeExport("Panic")]</c>; it must not return.</summary>
    [DoesNotReturn]
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Panic(string reason);
}

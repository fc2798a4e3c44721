namespace Internal.Runtime.CompilerHelpers;

/// <summary>The methods that generated code calls, by these names, where a check fails.</summary>
internal static class ThrowHelpers
{
    private static void ThrowIndexOutOfRangeException() => System.ThrowHelper.ThrowIndexOutOfRange();

    private static void ThrowOverflowException() => System.ThrowHelper.ThrowOverflow();

    private static void ThrowDivideByZeroException() => System.ThrowHelper.Panic("division by zero");

    private static void ThrowNullReferenceException() => System.ThrowHelper.Panic("null reference");

    private static void ThrowArgumentException() => System.ThrowHelper.ThrowArgument();

    private static void ThrowArgumentOutOfRangeException() => System.ThrowHelper.ThrowArgumentOutOfRange();

    private static void ThrowPlatformNotSupportedException() => System.ThrowHelper.Panic("platform not supported");

    private static void ThrowNotImplementedException() => System.ThrowHelper.Panic("not implemented");
}

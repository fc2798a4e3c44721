namespace System.Diagnostics;

/// <summary>Checks that only debug builds make.</summary>
public static class Debug
{
    [Conditional("DEBUG")]
    public static void Assert(bool condition)
    {
        if (!condition)
            ThrowHelper.Panic("assertion failed");
    }

    [Conditional("DEBUG")]
    public static void Assert(bool condition, string? message)
    {
        if (!condition)
            ThrowHelper.Panic(message ?? "assertion failed");
    }
}

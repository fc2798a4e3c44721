using System.Diagnostics.CodeAnalysis;

namespace System;

/// <summary>The way to stop everything.</summary>
public static class Environment
{
    /// <summary>Ends in the program's <c>Panic</c>.</summary>
    [DoesNotReturn]
    public static void FailFast(string? message) => ThrowHelper.Panic(message ?? "fail fast");
}

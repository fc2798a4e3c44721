namespace System.Runtime.CompilerServices;

/// <summary>Help for what the C# compiler writes.</summary>
public static class RuntimeHelpers
{
    /// <summary>A span over constant data in the image; the code generator puts the address in place of the call.</summary>
    [Intrinsic]
    public static extern ReadOnlySpan<T> CreateSpan<T>(RuntimeFieldHandle fldHandle);

    [Intrinsic]
    public static extern bool IsReferenceOrContainsReferences<T>()
        where T : allows ref struct;
}

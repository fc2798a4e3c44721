namespace Switcher.Stubs.Shared;

/// <summary>The stub <c>PartitionCode</c>: what a guest's first interrupt table points to, copied into its partition.</summary>
public static class PartitionCode
{
    /// <summary>Bytes to copy.</summary>
    public const int Length = 16;

    /// <summary>Offset of code that stops the CPU.</summary>
    public const int Halt = 0;
}

namespace Switcher.Stubs.Shared;

/// <summary>The stub <c>PartitionCode</c>: a few instructions that a parked guest's tables point to, copied into its partition.</summary>
public static class PartitionCode
{
    /// <summary>Bytes to copy.</summary>
    public const int Length = 32;

    /// <summary>Offset of a runtime service that answers EFI_UNSUPPORTED.</summary>
    public const int UnsupportedService = 0;

    /// <summary>Offset of code that stops the CPU.</summary>
    public const int Halt = 16;
}

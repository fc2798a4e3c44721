using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Switcher.Efi.Loader;

/// <summary>The few instructions that a parked guest's tables point to, copied into its partition: see the stub of the same name.</summary>
internal static unsafe class PartitionCode
{
    public const int Length = 32;

    /// <summary>A runtime service that answers EFI_UNSUPPORTED.</summary>
    public const int UnsupportedService = 0;

    /// <summary>Stops the CPU.</summary>
    public const int Halt = 16;

    public static void CopyTo(byte* destination) =>
        new ReadOnlySpan<byte>(AddressOfPartitionCode(), Length).CopyTo(new Span<byte>(destination, Length));

    [RuntimeImport("*", "AddressOfPartitionCode")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void* AddressOfPartitionCode();
}

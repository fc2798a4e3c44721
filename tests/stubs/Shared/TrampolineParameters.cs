using System.Runtime.InteropServices;

namespace Switcher.Tests.Stubs.Shared;

/// <summary>The parameters of the code below 1 MiB.</summary>
[StructLayout(LayoutKind.Explicit, Size = 0x40)]
public struct TrampolineParameters
{
    /// <summary>The number that the next processor gets.</summary>
    [FieldOffset(0x10)]
    public uint Counter;

    [FieldOffset(0x14)]
    public ushort GdtLimit;

    [FieldOffset(0x16)]
    public uint GdtBase;

    [FieldOffset(0x1C)]
    public uint LongEntry;

    [FieldOffset(0x20)]
    public ushort LongSelector;

    [FieldOffset(0x24)]
    public uint Cr3;

    /// <summary>Address of the tops of the stacks, by number.</summary>
    [FieldOffset(0x28)]
    public ulong Stacks;

    /// <summary>Address of the function where everybody goes, with the number and the record.</summary>
    [FieldOffset(0x30)]
    public ulong Function;

    /// <summary>ESP at the waking vector.</summary>
    [FieldOffset(0x38)]
    public uint WakeEsp;
}

using System.Runtime.InteropServices;

namespace Switcher.Tests.Stubs.Shared;

/// <summary>
/// What a processor finds at its first instruction in real mode; written by the trampoline. 32-bit halves of the
/// general registers: no more can be read there.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
public struct FoundState
{
    [FieldOffset(0x00)]
    public uint Eax;

    [FieldOffset(0x04)]
    public uint Ebx;

    [FieldOffset(0x08)]
    public uint Ecx;

    [FieldOffset(0x0C)]
    public uint Edx;

    [FieldOffset(0x10)]
    public uint Esi;

    [FieldOffset(0x14)]
    public uint Edi;

    [FieldOffset(0x18)]
    public uint Ebp;

    [FieldOffset(0x20)]
    public uint Cr0;

    [FieldOffset(0x24)]
    public uint Cr2;

    [FieldOffset(0x28)]
    public uint Cr3;

    [FieldOffset(0x2C)]
    public uint Cr4;

    [FieldOffset(0x30)]
    public ulong Efer;

    [FieldOffset(0x38)]
    public uint Eflags;

    [FieldOffset(0x3C)]
    public uint Dr6;

    [FieldOffset(0x40)]
    public uint Dr7;

    [FieldOffset(0x44)]
    public ushort Cs;

    [FieldOffset(0x46)]
    public ushort Ds;

    [FieldOffset(0x48)]
    public ushort Es;

    [FieldOffset(0x4A)]
    public ushort Ss;

    [FieldOffset(0x4C)]
    public ushort Fs;

    [FieldOffset(0x4E)]
    public ushort Gs;

    [FieldOffset(0x50)]
    public ushort GdtLimit;

    [FieldOffset(0x58)]
    public ushort IdtLimit;

    [FieldOffset(0x60)]
    public ushort FpuControlWord;

    [FieldOffset(0x62)]
    public ushort FpuStatusWord;

    [FieldOffset(0x64)]
    public uint Mxcsr;
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Switcher.Hv.Cpu;

/// <summary>
/// The general-purpose registers of a guest while the hypervisor runs, in the order of their encoding in an instruction
/// (AMD APM vol. 3, 1.2.7 REX Prefix, table of register numbers).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct GuestRegisters
{
    public ulong Rax;
    public ulong Rcx;
    public ulong Rdx;
    public ulong Rbx;
    public ulong Rsp;
    public ulong Rbp;
    public ulong Rsi;
    public ulong Rdi;
    public ulong R8;
    public ulong R9;
    public ulong R10;
    public ulong R11;
    public ulong R12;
    public ulong R13;
    public ulong R14;
    public ulong R15;

    /// <summary>The register with the given encoding, 0 (RAX) to 15 (R15).</summary>
    public readonly ulong Get(int number) => Unsafe.Add(ref Unsafe.AsRef(in Rax), number & 15);

    /// <summary>Sets the register with the given encoding, 0 (RAX) to 15 (R15), to all 64 bits of <paramref name="value"/>.</summary>
    public void Set(int number, ulong value) => Unsafe.Add(ref Rax, number & 15) = value;
}

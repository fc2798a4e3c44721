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
    public readonly ulong Get(int number) => number switch
    {
        0 => Rax,
        1 => Rcx,
        2 => Rdx,
        3 => Rbx,
        4 => Rsp,
        5 => Rbp,
        6 => Rsi,
        7 => Rdi,
        8 => R8,
        9 => R9,
        10 => R10,
        11 => R11,
        12 => R12,
        13 => R13,
        14 => R14,
        _ => R15,
    };

    /// <summary>Sets the register with the given encoding, 0 (RAX) to 15 (R15), to all 64 bits of <paramref name="value"/>.</summary>
    public void Set(int number, ulong value)
    {
        switch (number)
        {
            case 0: Rax = value; break;
            case 1: Rcx = value; break;
            case 2: Rdx = value; break;
            case 3: Rbx = value; break;
            case 4: Rsp = value; break;
            case 5: Rbp = value; break;
            case 6: Rsi = value; break;
            case 7: Rdi = value; break;
            case 8: R8 = value; break;
            case 9: R9 = value; break;
            case 10: R10 = value; break;
            case 11: R11 = value; break;
            case 12: R12 = value; break;
            case 13: R13 = value; break;
            case 14: R14 = value; break;
            default: R15 = value; break;
        }
    }
}

using System.Runtime.InteropServices;

namespace Switcher.Stubs.Shared;

/// <summary>
/// What the stub <c>HostException</c> leaves on the stack: the general-purpose registers, pushed in the order that these fields give, then
/// RAX, the vector and what the CPU pushes, SDM vol. 3, 6.14.2 "64-Bit Mode Stack Frame".
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct FaultFrame
{
    public ulong R15;
    public ulong R14;
    public ulong R13;
    public ulong R12;
    public ulong R11;
    public ulong R10;
    public ulong R9;
    public ulong R8;
    public ulong Rdi;
    public ulong Rsi;
    public ulong Rbp;
    public ulong Rbx;
    public ulong Rdx;
    public ulong Rcx;
    public ulong Rax;
    public ulong Vector;
    public ulong ErrorCode;
    public ulong Rip;
    public ulong Cs;
    public ulong Rflags;
    public ulong Rsp;
    public ulong Ss;
}

using Iced.Intel;
using Switcher.Build;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>
/// What the world switches of both vendors have in common: the caller's registers on the stack, the guest's in memory. All XMM registers are switched, since the
/// guest's live ones must survive whatever the compiler does with them in C#.
/// </summary>
internal static class WorldSwitch
{
    /// <summary>Offset of the FPU state behind Switcher.Hv.Cpu.GuestRegisters (Switcher.Hv.VirtualCpu).</summary>
    public const int Fpu = 0x80;

    /// <summary>The frame begins with XMM6 to XMM15; what a vendor needs follows from here on.</summary>
    public const int EndOfXmm = 0xA0;

    private const int InitialMxcsr = 0x1F80;

    // Offsets in Switcher.Hv.Cpu.GuestRegisters. RAX and RSP are the vendors' own affair; RCX, which holds the address for the others, comes last.
    private const int Rcx = 0x08;

    private static readonly (int Offset, AssemblerRegister64 Register)[] s_guest =
    [
        (0x10, rdx), (0x18, rbx), (0x28, rbp), (0x30, rsi), (0x38, rdi), (0x40, r8), (0x48, r9), (0x50, r10),
        (0x58, r11), (0x60, r12), (0x68, r13), (0x70, r14), (0x78, r15),
    ];

    // What the Microsoft x64 calling convention gives back to the caller as it was.
    private static readonly AssemblerRegister64[] s_callers = [rbx, rbp, rsi, rdi, r12, r13, r14, r15];
    private static readonly AssemblerRegisterXMM[] s_callersXmm = [xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];

    public static void PushCallers(StubAssembler a)
    {
        foreach (AssemblerRegister64 register in s_callers)
            a.push(register);
    }

    public static void PopCallers(StubAssembler a)
    {
        for (int i = s_callers.Length - 1; i >= 0; i--)
            a.pop(s_callers[i]);
    }

    /// <summary>Saves all that is the caller's, and makes room for a frame.</summary>
    public static void Begin(StubAssembler a, int frame)
    {
        PushCallers(a);
        a.sub(rsp, frame);
        for (int i = 0; i < s_callersXmm.Length; i++)
            a.movaps(__xmmword_ptr[rsp + (0x10 * i)], s_callersXmm[i]);
    }

    /// <summary>Restores all that is the caller's and returns to it.</summary>
    /// <param name="mxcsr">A place of 4 bytes in the frame.</param>
    public static void Return(StubAssembler a, int frame, int mxcsr)
    {
        a.mov(__dword_ptr[rsp + mxcsr], InitialMxcsr);
        a.ldmxcsr(__[rsp + mxcsr]);
        for (int i = 0; i < s_callersXmm.Length; i++)
            a.movaps(s_callersXmm[i], __xmmword_ptr[rsp + (0x10 * i)]);
        a.add(rsp, frame);
        PopCallers(a);
        a.ret();
    }

    /// <summary>Loads the guest's registers from where RCX points to.</summary>
    public static void LoadGuest(StubAssembler a)
    {
        foreach ((int offset, AssemblerRegister64 register) in s_guest)
            a.mov(register, __[rcx + offset]);
        a.mov(rcx, __[rcx + Rcx]);
    }

    /// <summary>Stores the guest's registers to where RAX points to.</summary>
    public static void StoreGuest(StubAssembler a)
    {
        a.mov(__[rax + Rcx], rcx);
        foreach ((int offset, AssemblerRegister64 register) in s_guest)
            a.mov(__[rax + offset], register);
    }
}

using Iced.Intel;
using Switcher.Build;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>
/// What the world switches of both vendors have in common: the caller's registers on the stack, the guest's in memory. All XMM registers
/// are switched, since the guest's live ones must survive whatever the compiler does with them in C#.
/// </summary>
internal static class WorldSwitch
{
    /// <summary>From the guest's registers, whose address the world switch gets, to its FPU state.</summary>
    public static readonly int Fpu =
        Layout<VirtualCpu>.Offset((ref cpu) => ref cpu.Fpu) - Layout<VirtualCpu>.Offset((ref cpu) => ref cpu.Registers);

    /// <summary>The frame begins with XMM6 to XMM15; what a vendor needs follows from here on.</summary>
    public const int EndOfXmm = 0xA0;

    private const int InitialMxcsr = 0x1F80;

    /// <summary>RAX in the guest's registers. It and RSP are the vendors' own affair.</summary>
    public static readonly int Rax = Layout<GuestRegisters>.Offset((ref guest) => ref guest.Rax);

    // RCX, which holds the address for the others, comes last.
    private static readonly int s_rcx = Layout<GuestRegisters>.Offset((ref guest) => ref guest.Rcx);

    private static readonly (int Offset, AssemblerRegister64 Register)[] s_guest =
    [
        (Layout<GuestRegisters>.Offset((ref guest) => ref guest.Rdx), rdx),
        (Layout<GuestRegisters>.Offset((ref guest) => ref guest.Rbx), rbx),
        (Layout<GuestRegisters>.Offset((ref guest) => ref guest.Rbp), rbp),
        (Layout<GuestRegisters>.Offset((ref guest) => ref guest.Rsi), rsi),
        (Layout<GuestRegisters>.Offset((ref guest) => ref guest.Rdi), rdi),
        (Layout<GuestRegisters>.Offset((ref guest) => ref guest.R8), r8),
        (Layout<GuestRegisters>.Offset((ref guest) => ref guest.R9), r9),
        (Layout<GuestRegisters>.Offset((ref guest) => ref guest.R10), r10),
        (Layout<GuestRegisters>.Offset((ref guest) => ref guest.R11), r11),
        (Layout<GuestRegisters>.Offset((ref guest) => ref guest.R12), r12),
        (Layout<GuestRegisters>.Offset((ref guest) => ref guest.R13), r13),
        (Layout<GuestRegisters>.Offset((ref guest) => ref guest.R14), r14),
        (Layout<GuestRegisters>.Offset((ref guest) => ref guest.R15), r15),
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
        a.mov(rcx, __[rcx + s_rcx]);
    }

    /// <summary>Stores the guest's registers to where RAX points to.</summary>
    public static void StoreGuest(StubAssembler a)
    {
        a.mov(__[rax + s_rcx], rcx);
        foreach ((int offset, AssemblerRegister64 register) in s_guest)
            a.mov(__[rax + offset], register);
    }
}

using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>The world switch of AMD SVM and what belongs to it: APM vol. 2, 15.5 VMRUN Instruction.</summary>
internal static class SvmStubs
{
    // Offsets in Switcher.Hv.Cpu.GuestRegisters; the FPU state follows at 128 (Switcher.Hv.VirtualCpu).
    private const int Rcx = 0x08;
    private const int Rdx = 0x10;
    private const int Rbx = 0x18;
    private const int Rbp = 0x28;
    private const int Rsi = 0x30;
    private const int Rdi = 0x38;
    private const int R8 = 0x40;
    private const int Fpu = 0x80;

    // The frame: XMM6 to XMM15, then what is needed after the exit.
    private const int Registers = 0xA0;
    private const int HostState = 0xA8;
    private const int Vmcb = 0xB0;
    private const int Mxcsr = 0xB8;
    private const int Frame = 0xC8;

    public static void Define(StubBuilder stubs)
    {
        // RunSvm(RCX guest registers, RDX VMCB, R8 host state).
        //  1. Save what the calling convention says is the caller's.
        //  2. Load the guest's floating-point and general-purpose registers.
        //  3. CLGI, VMLOAD, VMRUN: the guest runs until it exits; GIF is clear from then on.
        //  4. VMSAVE the guest's hidden state, VMLOAD the host's.
        //  5. Store the guest's registers, restore the caller's.
        // All XMM registers are switched, since the guest's live ones must survive whatever the compiler does with them in C#.
        stubs.Function("RunSvm", a =>
        {
            a.push(rbx);
            a.push(rbp);
            a.push(rsi);
            a.push(rdi);
            a.push(r12);
            a.push(r13);
            a.push(r14);
            a.push(r15);
            a.sub(rsp, Frame);
            for (int i = 6; i < 16; i++)
                a.movaps(__xmmword_ptr[rsp + (0x10 * (i - 6))], Xmm(i));
            a.mov(__[rsp + Registers], rcx);
            a.mov(__[rsp + HostState], r8);
            a.mov(__[rsp + Vmcb], rdx);

            a.fxrstor64(__[rcx + Fpu]);
            a.mov(rdx, __[rcx + Rdx]);
            a.mov(rbx, __[rcx + Rbx]);
            a.mov(rbp, __[rcx + Rbp]);
            a.mov(rsi, __[rcx + Rsi]);
            a.mov(rdi, __[rcx + Rdi]);
            a.mov(r8, __[rcx + R8]);
            a.mov(r9, __[rcx + R8 + 0x08]);
            a.mov(r10, __[rcx + R8 + 0x10]);
            a.mov(r11, __[rcx + R8 + 0x18]);
            a.mov(r12, __[rcx + R8 + 0x20]);
            a.mov(r13, __[rcx + R8 + 0x28]);
            a.mov(r14, __[rcx + R8 + 0x30]);
            a.mov(r15, __[rcx + R8 + 0x38]);
            a.mov(rcx, __[rcx + Rcx]);

            a.clgi();
            a.mov(rax, __[rsp + Vmcb]);
            a.vmload();
            a.vmrun();
            a.vmsave();
            a.mov(rax, __[rsp + HostState]);
            a.vmload();

            a.mov(rax, __[rsp + Registers]);
            a.mov(__[rax + Rcx], rcx);
            a.mov(__[rax + Rdx], rdx);
            a.mov(__[rax + Rbx], rbx);
            a.mov(__[rax + Rbp], rbp);
            a.mov(__[rax + Rsi], rsi);
            a.mov(__[rax + Rdi], rdi);
            a.mov(__[rax + R8], r8);
            a.mov(__[rax + R8 + 0x08], r9);
            a.mov(__[rax + R8 + 0x10], r10);
            a.mov(__[rax + R8 + 0x18], r11);
            a.mov(__[rax + R8 + 0x20], r12);
            a.mov(__[rax + R8 + 0x28], r13);
            a.mov(__[rax + R8 + 0x30], r14);
            a.mov(__[rax + R8 + 0x38], r15);
            a.fxsave64(__[rax + Fpu]);

            a.cld();
            a.mov(__dword_ptr[rsp + Mxcsr], 0x1F80);
            a.ldmxcsr(__[rsp + Mxcsr]);
            for (int i = 6; i < 16; i++)
                a.movaps(Xmm(i), __xmmword_ptr[rsp + (0x10 * (i - 6))]);
            a.add(rsp, Frame);
            a.pop(r15);
            a.pop(r14);
            a.pop(r13);
            a.pop(r12);
            a.pop(rdi);
            a.pop(rsi);
            a.pop(rbp);
            a.pop(rbx);
            a.ret();
        });

        // SaveHostState(RCX page).
        stubs.Function("SaveHostState", a =>
        {
            a.mov(rax, rcx);
            a.vmsave();
            a.ret();
        });

        // LoadGuestState(RCX VMCB).
        stubs.Function("LoadGuestState", a =>
        {
            a.mov(rax, rcx);
            a.vmload();
            a.ret();
        });

        // A pending non-maskable interrupt is taken between STGI and CLGI, by the host's handler.
        stubs.Function("TakePendingNmi", a =>
        {
            a.stgi();
            a.nop();
            a.clgi();
            a.ret();
        });

        // Everything that is pending is taken, one after the other, as long as GIF and IF are set.
        stubs.Function("DrainInterruptsSvm", a =>
        {
            a.stgi();
            a.sti();
            for (int i = 0; i < 16; i++)
                a.nop();
            a.cli();
            a.clgi();
            a.ret();
        });

        // The timer that ends this is periodic: an interrupt that comes between STI and HLT costs one period, no more.
        stubs.Function("WaitForInterruptSvm", a =>
        {
            a.stgi();
            a.sti();
            a.hlt();
            a.cli();
            a.clgi();
            a.ret();
        });
    }

    private static Iced.Intel.AssemblerRegisterXMM Xmm(int number) => number switch
    {
        6 => xmm6,
        7 => xmm7,
        8 => xmm8,
        9 => xmm9,
        10 => xmm10,
        11 => xmm11,
        12 => xmm12,
        13 => xmm13,
        14 => xmm14,
        _ => xmm15,
    };
}

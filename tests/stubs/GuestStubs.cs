using Iced.Intel;
using Switcher.Build;
using Switcher.Tests.Stubs.Shared;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Tests.Stubs;

/// <summary>The machine code of the small guest of the tests: sleeping and waking, interrupts, and instructions that may fault.</summary>
internal static class GuestStubs
{
    // Microsoft x64 calling convention, "Callee saved registers".
    private static readonly AssemblerRegister64[] s_saved = [rbx, rbp, rdi, rsi, r12, r13, r14, r15];
    private static readonly AssemblerRegisterXMM[] s_savedXmm = [xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];

    public static void Define(StubBuilder stubs)
    {
        Suspend(stubs);
        Attempt(stubs);
        GuestInterruptStubs.Define(stubs);
        GuestInstructionStubs.Define(stubs);
        GuestTrampoline.Define(stubs);

        // CallOnStack(RCX top of a stack, RDX function): for ever.
        stubs.Function("CallOnStack", a =>
        {
            a.mov(rsp, rcx);
            a.xor(ebp, ebp);
            a.sub(rsp, 32);
            a.call(rdx);
            a.int3();
        });

        // The first field of what GS points to is its own address.
        stubs.Function("CurrentCpu", a =>
        {
            a.mov(rax, __qword_ptr.gs[0]);
            a.ret();
        });

        // The interrupt that ends the wait is taken between the two instructions at the earliest, so none is missed.
        stubs.Function("WaitForInterrupt", a =>
        {
            a.sti();
            a.hlt();
            a.cli();
            a.ret();
        });
    }

    // Suspend(RCX place for RSP, RDX function): saves what a call preserves, calls the function on this stack, gives its result.
    // Resume(RCX RSP): comes back out of Suspend with 0, from any stack.
    private static void Suspend(StubBuilder stubs)
    {
        stubs.Function("Suspend", a =>
        {
            Save(a);
            a.mov(__[rcx], rsp);
            a.sub(rsp, 32);
            a.call(rdx);
            a.add(rsp, 32);
            Restore(a);
        });
        stubs.Function("Resume", a =>
        {
            a.mov(rsp, rcx);
            a.xor(eax, eax);
            Restore(a);
        });

        // SleepWrite(ECX port, EDX value, R8D bytes, R9 pattern): writes to a port with the pattern in every other register, and comes back
        // if the machine goes on.
        stubs.Function("SleepWrite", a =>
        {
            Label word = a.CreateLabel();
            Label doubleword = a.CreateLabel();
            Label done = a.CreateLabel();
            Save(a);
            a.mov(eax, edx);
            a.mov(edx, ecx);
            foreach (AssemblerRegister64 register in new[] { rbx, rcx, rbp, rdi, rsi, r10, r11, r12, r13, r14, r15 })
                a.mov(register, r9);
            a.cmp(r8d, 2);
            a.je(word);
            a.ja(doubleword);
            a.@out(dx, al);
            a.jmp(done);
            a.Label(ref word);
            a.@out(dx, ax);
            a.jmp(done);
            a.Label(ref doubleword);
            a.@out(dx, eax);
            a.Label(ref done);
            Restore(a);
        });
    }

    // Attempt(RCX function, RDX its first argument, R8 its second, R9 AttemptContext): calls a function that may fault. Gives 0, or 1 after
    // a fault: then the handler has set RSP and gone to the place of recovery.
    private static void Attempt(StubBuilder stubs) => stubs.Function("Attempt", a =>
    {
        int attempted = Layout<AttemptContext>.Offset((ref context) => ref context.Rsp);
        Label faulted = a.CreateLabel();
        Label end = a.CreateLabel();
        Save(a);
        a.sub(rsp, 48);
        a.mov(__[rsp + 32], r9);
        a.lea(rax, __[faulted]);
        a.mov(__[r9 + Layout<AttemptContext>.Offset((ref context) => ref context.Recovery)], rax);
        a.mov(__[r9 + attempted], rsp);
        a.mov(rax, rcx);
        a.mov(rcx, rdx);
        a.mov(rdx, r8);
        a.call(rax);
        a.mov(r9, __[rsp + 32]);
        a.mov(__qword_ptr[r9 + attempted], 0);
        a.mov(__[r9 + Layout<AttemptContext>.Offset((ref context) => ref context.Result)], rax);
        a.xor(eax, eax);
        a.jmp(end);
        a.Label(ref faulted);
        a.mov(eax, 1);
        a.Label(ref end);
        a.add(rsp, 48);
        Restore(a);
    });

    // RSP was a multiple of 16 before the call: 8 bytes of return address, 8 registers, and 8 bytes to make it one again.
    private static void Save(StubAssembler a)
    {
        foreach (AssemblerRegister64 register in s_saved)
            a.push(register);
        a.sub(rsp, (16 * s_savedXmm.Length) + 8);
        for (int i = 0; i < s_savedXmm.Length; i++)
            a.movaps(__[rsp + 16 * i], s_savedXmm[i]);
    }

    private static void Restore(StubAssembler a)
    {
        for (int i = 0; i < s_savedXmm.Length; i++)
            a.movaps(s_savedXmm[i], __[rsp + 16 * i]);
        a.add(rsp, (16 * s_savedXmm.Length) + 8);
        for (int i = s_saved.Length - 1; i >= 0; i--)
            a.pop(s_saved[i]);
        a.cld();
        a.ret();
    }
}

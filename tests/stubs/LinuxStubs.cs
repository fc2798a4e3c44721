using Switcher.Build;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Tests.Stubs;

/// <summary>
/// The way in and out of a static Linux program: System V ABI, AMD64 supplement, "Process Initialization" and "Linux Conventions".
/// </summary>
internal static class LinuxStubs
{
    private const int ExitGroup = 231;

    public static void Define(StubBuilder stubs)
    {
        // The kernel starts here with RSP at the argument count. AgentMain gets that address, and its result ends the process.
        stubs.Function("LinuxStart", a =>
        {
            a.mov(rcx, rsp);
            a.xor(ebp, ebp);
            a.and(rsp, -16);
            a.sub(rsp, 32);
            a.CallManaged("AgentMain");
            a.mov(edi, eax);
            a.mov(eax, ExitGroup);
            a.syscall();
            a.hlt();
        });

        // RCX number, RDX, R8, R9 and three more on the stack: arguments. The kernel takes RAX; RDI, RSI, RDX, R10, R8, R9.
        stubs.Function("Syscall6", a =>
        {
            a.push(rdi);
            a.push(rsi);
            a.mov(rax, rcx);
            a.mov(rdi, rdx);
            a.mov(rsi, r8);
            a.mov(rdx, r9);
            a.mov(r10, __[rsp + 0x38]);
            a.mov(r8, __[rsp + 0x40]);
            a.mov(r9, __[rsp + 0x48]);
            a.syscall();
            a.pop(rsi);
            a.pop(rdi);
            a.ret();
        });
    }
}

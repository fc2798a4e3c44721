using System;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>The world switch of Intel VMX and the instructions that belong to it: SDM vol. 3, chapter 31 "VMX Instruction Reference".</summary>
internal static class VmxStubs
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

    // Offsets in Switcher.Hv.VirtualCpu, which the host's GS base points to.
    private const int GuestNmi = 644;
    private const int Requests = 688;

    // The frame: XMM6 to XMM15, then what is needed for the entry and after the exit.
    private const int Registers = 0xA0;
    private const int IsLaunched = 0xA8;
    private const int Mxcsr = 0xAC;
    private const int GuestRax = 0xB0;
    private const int Frame = 0xB8;

    private const int HostRspField = 0x6C14;

    // Switcher.Hv.Vmx.VmEntryOutcome.
    private const int Exited = 0;
    private const int Failed = 1;
    private const int FailedInvalid = 2;
    private const int NotEntered = 3;

    private static readonly AssemblerRegister64[] s_saved = [rbx, rbp, rsi, rdi, r12, r13, r14, r15];
    private static readonly AssemblerRegisterXMM[] s_savedXmm = [xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];

    public static void Define(StubBuilder stubs)
    {
        DefineEntry(stubs);
        DefineExit(stubs);
        DefineOperation(stubs);
        DefineFields(stubs);
        DefineInvalidation(stubs);
        DefineInterrupts(stubs);
        DefineUnblockNmi(stubs);
    }

    // RunVmx(RCX guest registers, EDX 1 if the VMCS is launched) returns how it ended:
    //  1. Save what the calling convention says is the caller's; the exit will find this stack.
    //  2. Load the guest's floating-point and general-purpose registers.
    //  3. VmxEntry: if another CPU has asked for something, or a non-maskable interrupt came, do not enter; else VMRESUME or VMLAUNCH. The host's handler of
    //     that interrupt (HostNmi) leads from anywhere in VmxEntry to VmxNotEntered, so that no request is overlooked between the look and the entry.
    //  4. VmxExited: the guest has exited; store its registers.
    //  5. VmxReturn: restore the caller's.
    // All XMM registers are switched, since the guest's live ones must survive whatever the compiler does with them in C#.
    private static void DefineEntry(StubBuilder stubs)
    {
        stubs.Function("RunVmx", a =>
        {
            foreach (AssemblerRegister64 register in s_saved)
                a.push(register);
            a.sub(rsp, Frame);
            for (int i = 0; i < s_savedXmm.Length; i++)
                a.movaps(__xmmword_ptr[rsp + (0x10 * i)], s_savedXmm[i]);
            a.mov(__[rsp + Registers], rcx);
            a.mov(__[rsp + IsLaunched], edx);
            a.mov(eax, HostRspField);
            a.vmwrite(rax, rsp);

            a.fxrstor64(__[rcx + Fpu]);
            a.mov(rax, __[rcx]);
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
            a.jmp(a.Symbol("VmxEntry"));
        });

        stubs.Function("VmxEntry", a =>
        {
            Label launch = a.CreateLabel();
            a.cmp(__dword_ptr.gs[Requests], 0);
            a.jne(a.Symbol("VmxNotEntered"));
            a.cmp(__dword_ptr.gs[GuestNmi], 0);
            a.jne(a.Symbol("VmxNotEntered"));
            a.cmp(__dword_ptr[rsp + IsLaunched], 0);
            a.je(launch);
            a.vmresume();
            a.jmp(a.Symbol("VmxFailed"));
            a.Label(ref launch);
            a.vmlaunch();
            a.jmp(a.Symbol("VmxFailed"));
        });

        // SDM vol. 3, 31.2 "Conventions": CF for VMfailInvalid, ZF for VMfailValid. It lies behind VmxEntry and so marks its end.
        stubs.Function("VmxFailed", a =>
        {
            a.mov(eax, Failed);
            a.mov(ecx, FailedInvalid);
            a.cmovc(eax, ecx);
            a.jmp(a.Symbol("VmxReturn"));
        });
        stubs.Function("VmxNotEntered", a =>
        {
            a.mov(eax, NotEntered);
            a.jmp(a.Symbol("VmxReturn"));
        });
    }

    private static void DefineExit(StubBuilder stubs)
    {
        stubs.Function("VmxExited", a =>
        {
            a.mov(__[rsp + GuestRax], rax);
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
            a.mov(rcx, __[rsp + GuestRax]);
            a.mov(__[rax], rcx);
            a.fxsave64(__[rax + Fpu]);
            a.mov(eax, Exited);
            a.jmp(a.Symbol("VmxReturn"));
        });

        stubs.Function("VmxReturn", a =>
        {
            a.mov(__dword_ptr[rsp + Mxcsr], 0x1F80);
            a.ldmxcsr(__[rsp + Mxcsr]);
            for (int i = 0; i < s_savedXmm.Length; i++)
                a.movaps(s_savedXmm[i], __xmmword_ptr[rsp + (0x10 * i)]);
            a.add(rsp, Frame);
            for (int i = s_saved.Length - 1; i >= 0; i--)
                a.pop(s_saved[i]);
            a.ret();
        });

        stubs.Function("AddressOfVmxExited", a =>
        {
            a.lea(rax, __[a.Symbol("VmxExited")]);
            a.ret();
        });
    }

    // Vmxon, Vmclear, Vmptrld(RCX physical address) return 1 if the CPU did it.
    private static void DefineOperation(StubBuilder stubs)
    {
        Checked("Vmxon", a => a.vmxon(__qword_ptr[rsp + 8]));
        Checked("Vmclear", a => a.vmclear(__qword_ptr[rsp + 8]));
        Checked("Vmptrld", a => a.vmptrld(__qword_ptr[rsp + 8]));
        stubs.Function("Vmxoff", a =>
        {
            a.vmxoff();
            a.ret();
        });

        // Neither flag set is success.
        void Checked(string name, Action<StubAssembler> instruction) => stubs.Function(name, a =>
        {
            a.mov(__[rsp + 8], rcx);
            instruction(a);
            a.seta(al);
            a.movzx(eax, al);
            a.ret();
        });
    }

    // Vmread(ECX encoding) and Vmwrite(ECX encoding, RDX value). A field that does not exist is a mistake in the hypervisor: stop there, with its encoding in RCX.
    private static void DefineFields(StubBuilder stubs)
    {
        stubs.Function("Vmread", a =>
        {
            Label failed = a.CreateLabel();
            a.mov(ecx, ecx);
            a.vmread(rax, rcx);
            a.jbe(failed);
            a.ret();
            a.Label(ref failed);
            a.ud2();
        });
        stubs.Function("Vmwrite", a =>
        {
            Label failed = a.CreateLabel();
            a.mov(ecx, ecx);
            a.vmwrite(rcx, rdx);
            a.jbe(failed);
            a.ret();
            a.Label(ref failed);
            a.ud2();
        });
    }

    // Type 2, all contexts: the descriptor of 16 bytes is not looked at but has to be zero.
    private static void DefineInvalidation(StubBuilder stubs)
    {
        Invalidation("InveptAll", a => a.invept(rax, __xmmword_ptr[rsp + 8]));
        Invalidation("InvvpidAll", a => a.invvpid(rax, __xmmword_ptr[rsp + 8]));

        void Invalidation(string name, Action<StubAssembler> instruction) => stubs.Function(name, a =>
        {
            Label failed = a.CreateLabel();
            a.xor(eax, eax);
            a.mov(__[rsp + 8], rax);
            a.mov(__[rsp + 16], rax);
            a.mov(eax, 2);
            instruction(a);
            a.jbe(failed);
            a.ret();
            a.Label(ref failed);
            a.ud2();
        });
    }

    // The counterparts of SVM's in SvmStubs, where there is no global interrupt flag.
    private static void DefineInterrupts(StubBuilder stubs)
    {
        stubs.Function("DrainInterruptsVmx", a =>
        {
            a.sti();
            for (int i = 0; i < 16; i++)
                a.nop();
            a.cli();
            a.ret();
        });
        stubs.Function("WaitForInterruptVmx", a =>
        {
            a.sti();
            a.hlt();
            a.cli();
            a.ret();
        });
    }

    // IRET ends the blocking of non-maskable interrupts. This one comes back to where it was called.
    private static void DefineUnblockNmi(StubBuilder stubs) => stubs.Function("UnblockNmi", a =>
    {
        a.pop(rcx);
        a.mov(rdx, rsp);
        a.mov(eax, ss);
        a.push(rax);
        a.push(rdx);
        a.pushfq();
        a.mov(eax, cs);
        a.push(rax);
        a.push(rcx);
        a.iretq();
    });
}

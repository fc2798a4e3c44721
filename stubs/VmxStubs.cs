using System;
using Iced.Intel;
using Switcher.Build;
using Switcher.Hv.State;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>
/// The world switch of Intel VMX and the instructions that belong to it: SDM vol. 3, chapter 31 "VMX Instruction Reference".
/// </summary>
internal static class VmxStubs
{
    // The host's GS base points to the CPU's VirtualCpu.
    private static readonly int s_guestNmi = Layout<VirtualCpu>.Offset((ref cpu) => ref cpu.GuestNmi);
    private static readonly int s_requests = Layout<VirtualCpu>.Offset((ref cpu) => ref cpu.Requests);

    // The frame, behind the caller's XMM registers.
    private const int Registers = WorldSwitch.EndOfXmm;
    private const int IsLaunched = Registers + 0x08;
    private const int Mxcsr = Registers + 0x0C;
    private const int GuestRax = Registers + 0x10;
    private const int Frame = Registers + 0x18;

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
    //  3. VmxEntry: if another CPU has asked for something, or a non-maskable interrupt came, do not enter; else VMRESUME or VMLAUNCH.
    //     The host's handler of that interrupt (HostNmi) leads from anywhere in VmxEntry to VmxNotEntered, so that no request is
    //     overlooked between the look and the entry.
    //  4. VmxExited: the guest has exited; store its registers.
    //  5. VmxReturn: restore the caller's.
    private static void DefineEntry(StubBuilder stubs)
    {
        stubs.Function("RunVmx", a =>
        {
            WorldSwitch.Begin(a, Frame);
            a.mov(__[rsp + Registers], rcx);
            a.mov(__[rsp + IsLaunched], edx);
            a.mov(eax, VmcsHost.Rsp.Encoding);
            a.vmwrite(rax, rsp);

            a.fxrstor64(__[rcx + WorldSwitch.Fpu]);
            a.mov(rax, __[rcx + WorldSwitch.Rax]);
            WorldSwitch.LoadGuest(a);
            a.jmp(a.Symbol("VmxEntry"));
        });

        stubs.Function("VmxEntry", a =>
        {
            Label launch = a.CreateLabel();
            a.cmp(__dword_ptr.gs[s_requests], 0);
            a.jne(a.Symbol("VmxNotEntered"));
            a.cmp(__dword_ptr.gs[s_guestNmi], 0);
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
            a.mov(eax, (uint)VmEntryOutcome.Failed);
            a.mov(ecx, (uint)VmEntryOutcome.FailedInvalid);
            a.cmovc(eax, ecx);
            a.jmp(a.Symbol("VmxReturn"));
        });
        stubs.Function("VmxNotEntered", a =>
        {
            a.mov(eax, (uint)VmEntryOutcome.NotEntered);
            a.jmp(a.Symbol("VmxReturn"));
        });
    }

    private static void DefineExit(StubBuilder stubs)
    {
        stubs.Function("VmxExited", a =>
        {
            a.mov(__[rsp + GuestRax], rax);
            a.mov(rax, __[rsp + Registers]);
            WorldSwitch.StoreGuest(a);
            a.mov(rcx, __[rsp + GuestRax]);
            a.mov(__[rax + WorldSwitch.Rax], rcx);
            a.fxsave64(__[rax + WorldSwitch.Fpu]);
            a.mov(eax, (uint)VmEntryOutcome.Exited);
            a.jmp(a.Symbol("VmxReturn"));
        });

        stubs.Function("VmxReturn", a => WorldSwitch.Return(a, Frame, Mxcsr));

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

    // Vmread(ECX encoding) and Vmwrite(ECX encoding, RDX value). A field that does not exist is a mistake in the hypervisor: stop there,
    // with its encoding in RCX.
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

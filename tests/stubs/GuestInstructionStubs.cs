using System;
using Iced.Intel;
using Switcher.Build;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Tests.Stubs;

/// <summary>Single instructions that the test guest tries, in the order of its enumeration <c>GuestInstruction</c>.</summary>
internal static class GuestInstructionStubs
{
    private const int Slot = 16;

    // Each finds its operand, an address in the guest's own memory, in RAX, RCX and RDX.
    private static readonly Action<StubAssembler>[] s_instructions =
    [
        a => a.vmrun(),
        a => a.vmload(),
        a => a.vmsave(),
        a => a.stgi(),
        a => a.clgi(),
        a => a.skinit(),
        a => a.invlpga(),
        a => a.vmmcall(),
        a => a.vmcall(),
        a => a.vmlaunch(),
        a => a.vmresume(),
        a => a.vmxoff(),
        a => a.vmxon(__qword_ptr[rcx]),
        a => a.vmptrld(__qword_ptr[rcx]),
        a => a.vmptrst(__qword_ptr[rcx]),
        a => a.vmclear(__qword_ptr[rcx]),
        a => a.vmread(rax, rdx),
        a => a.vmwrite(rax, rdx),
        a => a.invept(rdx, __xmmword_ptr[rcx]),
        a => a.invvpid(rdx, __xmmword_ptr[rcx]),
        a => a.getsec(),
        a => a.ud2(),
        a => a.int3(),
        a => a.rep.outsw(),
        a => a.rep.insw(),
        a => a.mov(__[rcx], al),
        a => a.mov(__[rcx], ax),
        a => a.mov(__[rcx], eax),
        a => a.mov(__[rcx], rax),
        a => a.mov(__dword_ptr[rcx], 0x12345678),
        a => a.movups(__[rcx], xmm0),
        a => a.xchg(__[rcx], rdx),
        StoreString,
        a => a.@lock.add(__[rcx], rdx),
    ];

    public static void Define(StubBuilder stubs)
    {
        // Execute(RCX instruction, RDX operand): RAX, RCX and RDX are the operand. Gives RAX, which an instruction may have changed.
        stubs.Function("Execute", a =>
        {
            a.lea(rax, __[a.Symbol("InstructionSlots")]);
            a.shl(rcx, 4);
            a.add(rax, rcx);
            a.mov(r10, rax);
            a.mov(rax, rdx);
            a.mov(rcx, rdx);
            a.jmp(r10);
        });
        stubs.Function("AddressOfExecute", a =>
        {
            a.lea(rax, __[a.Symbol("Execute")]);
            a.ret();
        });

        // REP OUTSW and INSW: RCX instruction, DX port, R8 memory, one element.
        stubs.Function("ExecuteString", a =>
        {
            a.push(rsi);
            a.push(rdi);
            a.sub(rsp, 8);
            a.lea(rax, __[a.Symbol("InstructionSlots")]);
            a.shl(rcx, 4);
            a.add(rax, rcx);
            a.mov(rsi, r8);
            a.mov(rdi, r8);
            a.mov(ecx, 1);
            a.call(rax);
            a.add(rsp, 8);
            a.pop(rdi);
            a.pop(rsi);
            a.ret();
        });
        stubs.Function("InstructionSlots", a =>
        {
            foreach (Action<StubAssembler> instruction in s_instructions)
                a.db(Padded(instruction));
        });
    }

    // RDI is the caller's.
    private static void StoreString(StubAssembler a)
    {
        a.xchg(rdi, rcx);
        a.stosq();
        a.mov(rdi, rcx);
    }

    private static byte[] Padded(Action<StubAssembler> instruction)
    {
        byte[] code = StubBuilder.Blob(64, 0, a =>
        {
            instruction(a);
            a.ret();
        });
        byte[] slot = new byte[Slot];
        slot.AsSpan().Fill(0xCC);
        code.CopyTo(slot, 0);
        return slot;
    }
}

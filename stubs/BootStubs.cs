using System;
using Iced.Intel;
using Switcher.Build;
using Switcher.Stubs.Shared;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>The boot side's machine code: starting and leaving images, variadic boot services, what is copied into a partition.</summary>
internal static class BootStubs
{
    // Microsoft x64 calling convention, "Callee saved registers": RBX, RBP, RDI, RSI, R12-R15, XMM6-XMM15.
    private static readonly AssemblerRegister64[] s_saved = [rbx, rbp, rdi, rsi, r12, r13, r14, r15];
    private static readonly AssemblerRegisterXMM[] s_savedXmm = [xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];

    public static void Define(StubBuilder stubs)
    {
        RunImage(stubs);
        Variadic(stubs, "InstallMultipleProtocolInterfacesThunk", "InstallMultipleProtocolInterfaces");
        Variadic(stubs, "UninstallMultipleProtocolInterfacesThunk", "UninstallMultipleProtocolInterfaces");
        stubs.Constant("SvmParkThunk", Padded(ParkCode(a => a.vmmcall()), ParkThunk.Length));
        stubs.Constant("VmxParkThunk", Padded(ParkCode(a => a.vmcall()), ParkThunk.Length));
        stubs.Constant("PartitionCode", Padded(Halt(), PartitionCode.Length));
        AddressOf(stubs, "SvmParkThunk");
        AddressOf(stubs, "VmxParkThunk");
        AddressOf(stubs, "PartitionCode");
    }

    // RunImage(RCX entry point, RDX image handle, R8 system table, R9 top of its stack or 0 for the present one, [RSP+28h] frame)
    // LeaveImage(RCX frame, RDX status): goes back to where RunImage was called, from anywhere below.
    //  1. save the callee-saved registers and keep RSP in the frame;  2. change stacks;  3. call the image;
    //  4. both ways back end here: RSP from the frame, registers restored, status in RAX.
    private static void RunImage(StubBuilder stubs)
    {
        int xmm = 16 * s_savedXmm.Length;
        stubs.Function("RunImage", a =>
        {
            Label sameStack = a.CreateLabel();
            a.mov(rax, __[rsp + 0x28]);
            foreach (AssemblerRegister64 register in s_saved)
                a.push(register);
            a.sub(rsp, xmm + 8);                        // the entry RSP is 8 off a multiple of 16, and so it stays: 8 pushes
            for (int i = 0; i < s_savedXmm.Length; i++)
                a.movups(__[rsp + 16 * i], s_savedXmm[i]);
            a.mov(__[rax], rsp);
            a.test(r9, r9);
            a.je(sameStack);
            a.mov(rsp, r9);
            a.Label(ref sameStack);
            a.push(rax);                                // the frame: a callee may break every register, its caller's stack stays
            a.sub(rsp, 0x28);
            a.mov(rax, rcx);
            a.mov(rcx, rdx);
            a.mov(rdx, r8);
            a.call(rax);
            a.mov(rcx, __[rsp + 0x28]);
            a.mov(rdx, rax);
            a.jmp(a.Symbol("LeaveImage"));
        });
        stubs.Function("LeaveImage", a =>
        {
            a.mov(rsp, __[rcx]);
            a.mov(rax, rdx);
            for (int i = 0; i < s_savedXmm.Length; i++)
                a.movups(s_savedXmm[i], __[rsp + 16 * i]);
            a.add(rsp, xmm + 8);
            for (int i = s_saved.Length - 1; i >= 0; i--)
                a.pop(s_saved[i]);
            a.cld();
            a.ret();
        });
    }

    // F(first, ...) in C becomes F(RCX first, RDX pointer to the others): the register arguments are put into the shadow space that
    // the caller left for them, so that they and the stack arguments are one array.
    private static void Variadic(StubBuilder stubs, string name, string method) => stubs.Function(name, a =>
    {
        a.mov(__[rsp + 0x10], rdx);
        a.mov(__[rsp + 0x18], r8);
        a.mov(__[rsp + 0x20], r9);
        a.lea(rdx, __[rsp + 0x10]);
        a.jmp(a.Symbol(method));
    });

    // A guest's ExitBootServices(RCX image handle, RDX map key), copied into its partition behind struct ParkThunk's fields:
    //  1. the hook in Switcher checks the key and prepares; an error is the answer;
    //  2. hypercall: RAX = function, RCX = guest, RDX = its park context. From here on this stack belongs to the suspended loader;
    //  3. RAX = 1: the boot phase goes on, nothing may be stored: back to where Switcher started the loader;
    //  4. RAX = 0: the guest was switched to for the first time: ExitBootServices has succeeded.
    private static byte[] ParkCode(Action<StubAssembler> hypercall) => StubBuilder.Blob(64, 0, a =>
    {
        Label done = a.CreateLabel();
        var fields = new Label[Layout<ParkThunk>.Size / sizeof(ulong)];
        for (int i = 0; i < fields.Length; i++)
        {
            fields[i] = a.CreateLabel();
            a.Label(ref fields[i]);
            a.dq(0);
        }

        AssemblerMemoryOperand Field(Layout<ParkThunk>.Field<ulong> field) =>
            __qword_ptr[fields[Layout<ParkThunk>.Offset(field) / sizeof(ulong)]];

        a.sub(rsp, 0x28);
        a.call(Field((ref thunk) => ref thunk.Hook));
        a.add(rsp, 0x28);
        a.test(rax, rax);
        a.jne(done);
        a.cli();
        a.mov(rax, Field((ref thunk) => ref thunk.Function));
        a.mov(rcx, Field((ref thunk) => ref thunk.Guest));
        a.mov(rdx, Field((ref thunk) => ref thunk.Context));
        hypercall(a);
        a.test(rax, rax);
        a.je(done);
        a.mov(rcx, Field((ref thunk) => ref thunk.Frame));
        a.xor(edx, edx);
        a.jmp(Field((ref thunk) => ref thunk.Leave));
        a.Label(ref done);
        a.ret();
    });

    // For an exception before the guest has a handler of its own.
    private static byte[] Halt() => StubBuilder.Blob(64, 0, a =>
    {
        Label halt = a.CreateLabel();
        a.cli();
        a.Label(ref halt);
        a.hlt();
        a.jmp(halt);
    });

    internal static byte[] Padded(byte[] code, int length, byte filler = 0)
    {
        if (code.Length > length)
            throw new InvalidOperationException($"{code.Length} bytes of code, {length} are copied");
        byte[] padded = new byte[length];
        padded.AsSpan().Fill(filler);
        code.CopyTo(padded, 0);
        return padded;
    }

    internal static void AddressOf(StubBuilder stubs, string symbol) => stubs.Function("AddressOf" + symbol, a =>
    {
        a.lea(rax, __[a.Symbol(symbol)]);
        a.ret();
    });
}

using System.Linq;
using Iced.Intel;
using Switcher.Build;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Stubs.Shared;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>Getting into the hypervisor and out of it, and what the host does about interrupts and faults of its own.</summary>
internal static class HostStubs
{
    // The host's GS base points to the CPU's VirtualCpu.
    private static readonly int s_kickPending = Layout<VirtualCpu>.Offset((ref cpu) => ref cpu.KickPending);
    private static readonly int s_guestNmi = Layout<VirtualCpu>.Offset((ref cpu) => ref cpu.GuestNmi);

    private static readonly (int Offset, AssemblerRegister64 Register)[] s_pushed =
    [
        (Fault((ref frame) => ref frame.Rcx), rcx),
        (Fault((ref frame) => ref frame.Rdx), rdx),
        (Fault((ref frame) => ref frame.Rbx), rbx),
        (Fault((ref frame) => ref frame.Rbp), rbp),
        (Fault((ref frame) => ref frame.Rsi), rsi),
        (Fault((ref frame) => ref frame.Rdi), rdi),
        (Fault((ref frame) => ref frame.R8), r8),
        (Fault((ref frame) => ref frame.R9), r9),
        (Fault((ref frame) => ref frame.R10), r10),
        (Fault((ref frame) => ref frame.R11), r11),
        (Fault((ref frame) => ref frame.R12), r12),
        (Fault((ref frame) => ref frame.R13), r13),
        (Fault((ref frame) => ref frame.R14), r14),
        (Fault((ref frame) => ref frame.R15), r15),
    ];

    public static void Define(StubBuilder stubs)
    {
        DefineLaunch(stubs);
        DefineTables(stubs);
        DefineMsrs(stubs);
        DefineInterrupts(stubs);
        DefineExceptions(stubs);
        foreach (string symbol in new[] { "HostNmi", "HostInterrupt", "HostExceptions", "__ImageBase" })
            DefineAddressOf(stubs, symbol);
    }

    /// <summary>Where a symbol is in the copy of the image that executes this.</summary>
    private static void DefineAddressOf(StubBuilder stubs, string symbol) => stubs.Function("AddressOf" + symbol.TrimStart('_'), a =>
    {
        a.lea(rax, __[a.Symbol(symbol)]);
        a.ret();
    });

    private static void DefineLaunch(StubBuilder stubs)
    {
        // LaunchCpu(RCX virtual CPU, RDX its captured state, R8 top of the host's stack, R9 host entry): comes back as a guest.
        //  1. Keep the caller's registers and flags on the caller's stack, the floating-point ones where the world switch takes them from.
        //  2. RIP and RSP of the captured state lead to 4.
        //  3. The host entry, on its own stack, gets RCX and RDX as they are and never returns.
        //  4. The guest starts here.
        stubs.Function("LaunchCpu", a =>
        {
            Label asGuest = a.CreateLabel();
            a.pushfq();
            a.cli();
            WorldSwitch.PushCallers(a);
            a.fxsave64(__[rcx + WorldSwitch.Fpu]);
            a.lea(rax, __[asGuest]);
            a.mov(__[rdx + Layout<CpuState>.Offset((ref state) => ref state.Rip)], rax);
            a.mov(__[rdx + Layout<CpuState>.Offset((ref state) => ref state.Rsp)], rsp);
            a.mov(rsp, r8);
            a.sub(rsp, 32);
            a.call(r9);
            a.ud2();

            a.Label(ref asGuest);
            WorldSwitch.PopCallers(a);
            a.popfq();
            a.ret();
        });

        // LeaveHost(RCX guest registers and FPU state, RDX LeaveFrame): goes on where the guest was, as the machine itself.
        // The frame's tables are loaded first; then the segments, which come from them; RIP, CS, RFLAGS, RSP and SS last, by IRETQ.
        stubs.Function("LeaveHost", a =>
        {
            a.fxrstor64(__[rcx + WorldSwitch.Fpu]);
            a.mov(rax, __[rdx + Leave((ref frame) => ref frame.Cr4)]);
            a.mov(cr4, rax);
            a.mov(rax, __[rdx + Leave((ref frame) => ref frame.Cr3)]);
            a.mov(cr3, rax);
            a.lgdt(__[rdx + Leave((ref frame) => ref frame.Gdtr)]);
            a.lidt(__[rdx + Leave((ref frame) => ref frame.Idtr)]);
            a.mov(ax, __word_ptr[rdx + Leave((ref frame) => ref frame.Ds)]);
            a.mov(ds, ax);
            a.mov(ax, __word_ptr[rdx + Leave((ref frame) => ref frame.Es)]);
            a.mov(es, ax);
            a.mov(ax, __word_ptr[rdx + Leave((ref frame) => ref frame.Fs)]);
            a.mov(fs, ax);
            a.mov(ax, __word_ptr[rdx + Leave((ref frame) => ref frame.Gs)]);
            a.mov(gs, ax);
            a.lea(rsp, __[rdx + Leave((ref frame) => ref frame.Rip)]);
            a.mov(rax, __[rcx + WorldSwitch.Rax]);
            WorldSwitch.LoadGuest(a);
            a.iretq();
        });

        // Hypercalls from Switcher's boot side: RCX number, RDX and R8 arguments. The number goes to RAX, the arguments to RCX and RDX.
        stubs.Function("HypercallSvm", a =>
        {
            a.mov(rax, rcx);
            a.mov(rcx, rdx);
            a.mov(rdx, r8);
            a.vmmcall();
            a.ret();
        });
        stubs.Function("HypercallVmx", a =>
        {
            a.mov(rax, rcx);
            a.mov(rcx, rdx);
            a.mov(rdx, r8);
            a.vmcall();
            a.ret();
        });
    }

    private static void DefineTables(StubBuilder stubs)
    {
        // LoadHostTables(RCX GDT descriptor, RDX IDT descriptor, R8 CR3, R9 CR4): the segments are those of HostGates.
        stubs.Function("LoadHostTables", a =>
        {
            Label reloaded = a.CreateLabel();
            a.mov(cr4, r9);
            a.mov(cr3, r8);
            a.lgdt(__[rcx]);
            a.lidt(__[rdx]);
            a.push(HostGates.CodeSelector);
            a.lea(rax, __[reloaded]);
            a.push(rax);
            a.AddInstruction(Instruction.Create(Code.Retfq));
            a.Label(ref reloaded);
            a.mov(eax, HostGates.DataSelector);
            a.mov(ds, eax);
            a.mov(es, eax);
            a.mov(ss, eax);
            a.xor(eax, eax);
            a.mov(fs, eax);
            a.mov(gs, eax);
            a.mov(eax, HostGates.TaskSelector);
            a.ltr(ax);
            a.ret();
        });
    }

    private static void DefineMsrs(StubBuilder stubs)
    {
        // TryReadMsr(ECX register, RDX unused, R8 where to): the instruction that may fault comes first, so the handler of #GP knows it.
        stubs.Function("TryReadMsr", a =>
        {
            a.rdmsr();
            a.shl(rdx, 32);
            a.or(rax, rdx);
            a.mov(__[r8], rax);
            a.mov(eax, 1);
            a.ret();
        });

        // TryWriteMsr(ECX register, EDX high half, R8D low half): as above, three bytes later.
        stubs.Function("TryWriteMsr", a =>
        {
            a.mov(eax, r8d);
            a.wrmsr();
            a.mov(eax, 1);
            a.ret();
        });

        // TryXsetbv: as TryWriteMsr.
        stubs.Function("TryXsetbv", a =>
        {
            a.mov(eax, r8d);
            a.xsetbv();
            a.mov(eax, 1);
            a.ret();
        });
        stubs.Function("MsrFaulted", a =>
        {
            a.xor(eax, eax);
            a.ret();
        });
    }

    private static void DefineInterrupts(StubBuilder stubs)
    {
        // The hypervisor's own non-maskable interrupt has a mark in the virtual CPU; any other is the guest's and is kept for it. If the
        // CPU was about to enter its guest on VMX, it does not, so that it sees what it was called for (Switcher.Stubs.VmxStubs, step 3).
        stubs.Function("HostNmi", a =>
        {
            Label sorted = a.CreateLabel();
            Label done = a.CreateLabel();
            a.push(rax);
            a.xor(eax, eax);
            a.xchg(__dword_ptr.gs[s_kickPending], eax);
            a.test(eax, eax);
            a.jnz(sorted);
            a.mov(__dword_ptr.gs[s_guestNmi], 1);
            a.Label(ref sorted);
            a.lea(rax, __[a.Symbol("VmxEntry")]);
            a.cmp(__[rsp + 8], rax);
            a.jb(done);
            a.lea(rax, __[a.Symbol("VmxFailed")]);
            a.cmp(__[rsp + 8], rax);
            a.jae(done);
            a.lea(rax, __[a.Symbol("VmxNotEntered")]);
            a.mov(__[rsp + 8], rax);
            a.Label(ref done);
            a.pop(rax);
            a.iretq();
        });

        // Any interrupt that comes while the host lets them in: acknowledged and forgotten.
        stubs.Function("HostInterrupt", a =>
        {
            Label isX2Apic = a.CreateLabel();
            Label done = a.CreateLabel();
            a.push(rax);
            a.push(rcx);
            a.push(rdx);
            a.mov(ecx, 0x1B);
            a.rdmsr();
            a.test(eax, 1 << 10);
            a.jnz(isX2Apic);
            a.shl(rdx, 32);
            a.or(rax, rdx);
            a.and(rax, -4096);
            a.mov(__dword_ptr[rax + 0xB0], 0);
            a.jmp(done);
            a.Label(ref isX2Apic);
            a.mov(ecx, 0x80B);
            a.xor(eax, eax);
            a.xor(edx, edx);
            a.wrmsr();
            a.Label(ref done);
            a.pop(rdx);
            a.pop(rcx);
            a.pop(rax);
            a.iretq();
        });
    }

    private static void DefineExceptions(StubBuilder stubs)
    {
        // Entries of HostGates.ExceptionStride bytes: the vector and, where the CPU pushes none, an error code of 0.
        stubs.Function("HostExceptions", a =>
        {
            for (int vector = 0; vector < HostGates.Exceptions; vector++)
            {
                Label start = a.CreateLabel();
                a.Label(ref start);
                if (HasErrorCode(vector))
                    a.db(0x66, 0x90);           // a nop of the other form's length
                else
                    a.push(0);
                a.push(vector);
                a.lea(rsp, __[rsp - 8]);
                a.jmp(a.Symbol("HostException"));
                a.db(0xCC, 0xCC);
            }
        });

        // The stack is FaultFrame from RAX on, with the vector, the error code and what the CPU has pushed in place.
        stubs.Function("HostException", a =>
        {
            int onStack = Fault((ref frame) => ref frame.Rax);
            int vector = Fault((ref frame) => ref frame.Vector) - onStack;
            int rip = Fault((ref frame) => ref frame.Rip) - onStack;
            Label faulted = a.CreateLabel();
            Label fatal = a.CreateLabel();
            a.mov(__[rsp], rax);
            a.cmp(__dword_ptr[rsp + vector], 13);
            a.jne(fatal);
            a.lea(rax, __[a.Symbol("TryReadMsr")]);
            a.cmp(__[rsp + rip], rax);
            a.je(faulted);
            a.lea(rax, __[a.Symbol("TryWriteMsr")]);
            a.add(rax, 3);
            a.cmp(__[rsp + rip], rax);
            a.je(faulted);
            a.lea(rax, __[a.Symbol("TryXsetbv")]);
            a.add(rax, 3);
            a.cmp(__[rsp + rip], rax);
            a.jne(fatal);
            a.Label(ref faulted);
            a.lea(rax, __[a.Symbol("MsrFaulted")]);
            a.mov(__[rsp + rip], rax);
            a.mov(rax, __[rsp]);
            a.add(rsp, rip);
            a.iretq();

            // HostFault(RCX FaultFrame).
            a.Label(ref fatal);
            foreach ((_, AssemblerRegister64 register) in s_pushed.OrderByDescending(pushed => pushed.Offset))
                a.push(register);
            a.cld();
            a.mov(rcx, rsp);
            a.and(rsp, -16);
            a.sub(rsp, 32);
            a.CallManaged("HostFault");
            a.ud2();
        });
    }

    private static int Leave<T>(Layout<LeaveFrame>.Field<T> field) => Layout<LeaveFrame>.Offset(field);

    private static int Fault(Layout<FaultFrame>.Field<ulong> field) => Layout<FaultFrame>.Offset(field);

    /// <summary>APM vol. 2, 8.2 Vectors, table 8-1: exceptions with an error code.</summary>
    private static bool HasErrorCode(int vector) => vector is 8 or 10 or 11 or 12 or 13 or 14 or 17 or 21 or 29 or 30;
}

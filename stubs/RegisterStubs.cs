using Iced.Intel;
using Switcher.Build;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>Model-specific, extended control, control and debug registers.</summary>
internal static class RegisterStubs
{
    public static void Define(StubBuilder stubs)
    {
        DefineModelSpecific(stubs);
        Define(stubs, "Cr0", cr0);
        Define(stubs, "Cr2", cr2);
        Define(stubs, "Cr3", cr3);
        Define(stubs, "Cr4", cr4);
        Define(stubs, "Cr8", cr8);
        Define(stubs, "Dr0", dr0);
        Define(stubs, "Dr1", dr1);
        Define(stubs, "Dr2", dr2);
        Define(stubs, "Dr3", dr3);
        Define(stubs, "Dr6", dr6);
        Define(stubs, "Dr7", dr7);
        stubs.Function("ReadFlags", a =>
        {
            a.pushfq();
            a.pop(rax);
            a.ret();
        });
    }

    private static void DefineModelSpecific(StubBuilder stubs)
    {
        stubs.Function("ReadMsr", a =>
        {
            a.rdmsr();
            a.shl(rdx, 32);
            a.or(rax, rdx);
            a.ret();
        });
        stubs.Function("WriteMsr", a =>
        {
            a.mov(rax, rdx);
            a.shr(rdx, 32);
            a.wrmsr();
            a.ret();
        });

        stubs.Function("Xgetbv", a =>
        {
            a.xgetbv();
            a.shl(rdx, 32);
            a.or(rax, rdx);
            a.ret();
        });
        stubs.Function("Xsetbv", a =>
        {
            a.mov(rax, rdx);
            a.shr(rdx, 32);
            a.xsetbv();
            a.ret();
        });
    }

    private static void Define(StubBuilder stubs, string name, AssemblerRegisterCR register)
    {
        stubs.Function("Read" + name, a =>
        {
            a.mov(rax, register);
            a.ret();
        });
        stubs.Function("Write" + name, a =>
        {
            a.mov(register, rcx);
            a.ret();
        });
    }

    private static void Define(StubBuilder stubs, string name, AssemblerRegisterDR register)
    {
        stubs.Function("Read" + name, a =>
        {
            a.mov(rax, register);
            a.ret();
        });
        stubs.Function("Write" + name, a =>
        {
            a.mov(register, rcx);
            a.ret();
        });
    }
}

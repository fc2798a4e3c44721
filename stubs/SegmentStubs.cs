using Iced.Intel;
using Switcher.Build;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>Descriptor tables and segment registers.</summary>
internal static class SegmentStubs
{
    public static void Define(StubBuilder stubs)
    {
        DefineTables(stubs);
        Define(stubs, "Ds", ds);
        Define(stubs, "Es", es);
        Define(stubs, "Fs", fs);
        Define(stubs, "Gs", gs);
        Define(stubs, "Ss", ss);
        stubs.Function("ReadCs", a =>
        {
            a.mov(eax, cs);
            a.ret();
        });

        // Only a far transfer loads CS: return to the caller through the new segment.
        stubs.Function("WriteCs", a =>
        {
            a.pop(rax);
            a.movzx(ecx, cx);
            a.push(rcx);
            a.push(rax);
            a.AddInstruction(Instruction.Create(Code.Retfq));
        });
    }

    private static void DefineTables(StubBuilder stubs)
    {
        // RCX points to ten bytes: limit and base.
        stubs.Function("Lgdt", a =>
        {
            a.lgdt(__[rcx]);
            a.ret();
        });
        stubs.Function("Lidt", a =>
        {
            a.lidt(__[rcx]);
            a.ret();
        });
        stubs.Function("Sgdt", a =>
        {
            a.sgdt(__[rcx]);
            a.ret();
        });
        stubs.Function("Sidt", a =>
        {
            a.sidt(__[rcx]);
            a.ret();
        });
        stubs.Function("Ltr", a =>
        {
            a.ltr(cx);
            a.ret();
        });
        stubs.Function("Str", a =>
        {
            a.str(eax);
            a.ret();
        });
        stubs.Function("Lldt", a =>
        {
            a.lldt(cx);
            a.ret();
        });
        stubs.Function("Sldt", a =>
        {
            a.sldt(eax);
            a.ret();
        });
    }

    private static void Define(StubBuilder stubs, string name, AssemblerRegisterSegment register)
    {
        stubs.Function("Read" + name, a =>
        {
            a.mov(eax, register);
            a.ret();
        });
        stubs.Function("Write" + name, a =>
        {
            a.mov(register, ecx);
            a.ret();
        });
    }
}

using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Build;

/// <summary>Block copy and fill, the bodies of the core library's <c>SpanHelpers</c>.</summary>
internal static class MemoryStubs
{
    public static void Define(StubBuilder stubs)
    {
        // RCX destination, RDX source, R8 length; the areas may overlap.
        stubs.Function("CopyMemory", a =>
        {
            Iced.Intel.Label backward = a.CreateLabel();
            a.push(rsi);
            a.push(rdi);
            a.mov(rdi, rcx);
            a.mov(rsi, rdx);
            a.mov(rax, rcx);
            a.sub(rax, rdx);
            a.cmp(rax, r8);
            a.jb(backward);                         // the destination begins inside the source
            a.mov(rcx, r8);
            a.shr(rcx, 3);
            a.rep.movsq();
            a.mov(rcx, r8);
            a.and(ecx, 7);
            a.rep.movsb();
            a.pop(rdi);
            a.pop(rsi);
            a.ret();

            a.Label(ref backward);
            a.lea(rdi, __[rdi + r8 - 1]);
            a.lea(rsi, __[rsi + r8 - 1]);
            a.mov(rcx, r8);
            a.std();
            a.rep.movsb();
            a.cld();
            a.pop(rdi);
            a.pop(rsi);
            a.ret();
        });

        // RCX destination, DL value, R8 length.
        stubs.Function("FillMemory", a =>
        {
            a.push(rdi);
            a.mov(rdi, rcx);
            a.movzx(eax, dl);
            a.mov(rdx, 0x0101_0101_0101_0101);
            a.imul(rax, rdx);
            a.mov(rcx, r8);
            a.shr(rcx, 3);
            a.rep.stosq();
            a.mov(rcx, r8);
            a.and(ecx, 7);
            a.rep.stosb();
            a.pop(rdi);
            a.ret();
        });
    }
}

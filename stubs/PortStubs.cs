using Switcher.Build;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>I/O ports: the port comes in CX, a value to write in EDX.</summary>
internal static class PortStubs
{
    public static void Define(StubBuilder stubs)
    {
        stubs.Function("In8", a =>
        {
            a.mov(edx, ecx);
            a.@in(al, dx);
            a.movzx(eax, al);
            a.ret();
        });
        stubs.Function("In16", a =>
        {
            a.mov(edx, ecx);
            a.@in(ax, dx);
            a.movzx(eax, ax);
            a.ret();
        });
        stubs.Function("In32", a =>
        {
            a.mov(edx, ecx);
            a.@in(eax, dx);
            a.ret();
        });
        stubs.Function("Out8", a =>
        {
            a.mov(eax, edx);
            a.mov(edx, ecx);
            a.@out(dx, al);
            a.ret();
        });
        stubs.Function("Out16", a =>
        {
            a.mov(eax, edx);
            a.mov(edx, ecx);
            a.@out(dx, ax);
            a.ret();
        });
        stubs.Function("Out32", a =>
        {
            a.mov(eax, edx);
            a.mov(edx, ecx);
            a.@out(dx, eax);
            a.ret();
        });
    }
}

using Switcher.Build;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>What any program may ask the processor.</summary>
internal static class CpuidStubs
{
    public static void Define(StubBuilder stubs)
    {
        // ECX leaf, EDX sub-leaf, R8 where EAX, EBX, ECX and EDX go. RBX belongs to the caller.
        stubs.Function("Cpuid", a =>
        {
            a.push(rbx);
            a.mov(eax, ecx);
            a.mov(ecx, edx);
            a.cpuid();
            a.mov(__[r8], eax);
            a.mov(__[r8 + 4], ebx);
            a.mov(__[r8 + 8], ecx);
            a.mov(__[r8 + 12], edx);
            a.pop(rbx);
            a.ret();
        });
        stubs.Function("ReadTsc", a =>
        {
            a.rdtsc();
            a.shl(rdx, 32);
            a.or(rax, rdx);
            a.ret();
        });
    }
}

using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Build;

/// <summary>Symbols that the code generator refers to by itself.</summary>
internal static class RuntimeStubs
{
    public static void Define(StubBuilder stubs)
    {
        // Methods with a buffer on their stack keep this value beside it and compare it before they return.
        stubs.Variable("__security_cookie", [0x32, 0xA2, 0xDF, 0x2D, 0x99, 0x2B, 0, 0]);

        // Calls that skip the transition to native code look here whether a collector waits: never.
        stubs.Variable("RhpTrapThreads", [0, 0, 0, 0]);

        // Called with the lowest address of a frame larger than a page in R11. Every page of our stacks is there from the start.
        stubs.Function("RhpStackProbe", a => a.ret());

        // A reference is stored: there is no collector to tell.
        stubs.Function("RhpAssignRef", a =>
        {
            a.mov(__[rcx], rdx);
            a.ret();
        });
        stubs.Function("RhpCheckedAssignRef", a =>
        {
            a.mov(__[rcx], rdx);
            a.ret();
        });

        // The same from [RSI] to [RDI], both moved on: the code generator counts on RCX and RAX as the only others changed.
        stubs.Function("RhpByRefAssignRef", a =>
        {
            a.movsq();
            a.ret();
        });
    }
}

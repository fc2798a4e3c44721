using Switcher.Build;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>The emulators' debug port, which real machines do not have.</summary>
internal static class DebugPortStubs
{
    private const int Port = 0xE9;

    public static void Define(StubBuilder stubs)
    {
        // RCX bytes, RDX length.
        stubs.Function("WriteDebugPort", a =>
        {
            a.push(rsi);
            a.mov(rsi, rcx);
            a.mov(rcx, rdx);
            a.mov(edx, Port);
            a.rep.outsb();
            a.pop(rsi);
            a.ret();
        });
    }
}

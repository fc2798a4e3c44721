using System;
using Switcher.Build;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>Single instructions: interrupts, waiting, caches, translations and the extended state.</summary>
internal static class ControlStubs
{
    public static void Define(StubBuilder stubs)
    {
        Single("Pause", a => a.pause());
        Single("Hlt", a => a.hlt());
        Single("Cli", a => a.cli());
        Single("Sti", a => a.sti());
        Single("Clgi", a => a.clgi());
        Single("Stgi", a => a.stgi());
        Single("Wbinvd", a => a.wbinvd());
        Single("Mfence", a => a.mfence());
        Single("Invlpg", a => a.invlpg(__[rcx]));

        // RCX points to the 512-byte area, which lies on a multiple of 16.
        Single("Fxsave", a => a.fxsave64(__[rcx]));
        Single("Fxrstor", a => a.fxrstor64(__[rcx]));

        // RCX points to the area, on a multiple of 64; RDX is the set of components.
        stubs.Function("Xsave", a =>
        {
            a.mov(rax, rdx);
            a.shr(rdx, 32);
            a.xsave64(__[rcx]);
            a.ret();
        });
        stubs.Function("Xrstor", a =>
        {
            a.mov(rax, rdx);
            a.shr(rdx, 32);
            a.xrstor64(__[rcx]);
            a.ret();
        });

        void Single(string name, Action<StubAssembler> instruction) => stubs.Function(name, a =>
        {
            instruction(a);
            a.ret();
        });
    }
}

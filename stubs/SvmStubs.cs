using Switcher.Build;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>The world switch of AMD SVM and what belongs to it: APM vol. 2, 15.5 VMRUN Instruction.</summary>
internal static class SvmStubs
{
    // The frame, behind the caller's XMM registers.
    private const int Registers = WorldSwitch.EndOfXmm;
    private const int HostState = Registers + 0x08;
    private const int Vmcb = Registers + 0x10;
    private const int Mxcsr = Registers + 0x18;
    private const int Frame = Registers + 0x28;

    public static void Define(StubBuilder stubs)
    {
        // RunSvm(RCX guest registers, RDX VMCB, R8 host state).
        //  1. Save what the calling convention says is the caller's.
        //  2. Load the guest's floating-point and general-purpose registers.
        //  3. CLGI, VMLOAD, VMRUN: the guest runs until it exits; GIF is clear from then on.
        //  4. VMSAVE the guest's hidden state, VMLOAD the host's.
        //  5. Store the guest's registers, restore the caller's.
        stubs.Function("RunSvm", a =>
        {
            WorldSwitch.Begin(a, Frame);
            a.mov(__[rsp + Registers], rcx);
            a.mov(__[rsp + HostState], r8);
            a.mov(__[rsp + Vmcb], rdx);

            a.fxrstor64(__[rcx + WorldSwitch.Fpu]);
            WorldSwitch.LoadGuest(a);

            a.clgi();
            a.mov(rax, __[rsp + Vmcb]);
            a.vmload();
            a.vmrun();
            a.vmsave();
            a.mov(rax, __[rsp + HostState]);
            a.vmload();

            a.mov(rax, __[rsp + Registers]);
            WorldSwitch.StoreGuest(a);
            a.fxsave64(__[rax + WorldSwitch.Fpu]);

            a.cld();
            WorldSwitch.Return(a, Frame, Mxcsr);
        });

        // SaveHostState(RCX page).
        stubs.Function("SaveHostState", a =>
        {
            a.mov(rax, rcx);
            a.vmsave();
            a.ret();
        });

        // LoadGuestState(RCX VMCB).
        stubs.Function("LoadGuestState", a =>
        {
            a.mov(rax, rcx);
            a.vmload();
            a.ret();
        });

        // A pending system-management or non-maskable interrupt is taken between STGI and CLGI.
        stubs.Function("OpenGlobalInterruptFlag", a =>
        {
            a.stgi();
            a.nop();
            a.clgi();
            a.ret();
        });

        // Everything that is pending is taken, one after the other, as long as GIF and IF are set.
        stubs.Function("DrainInterruptsSvm", a =>
        {
            a.stgi();
            a.sti();
            for (int i = 0; i < 16; i++)
                a.nop();
            a.cli();
            a.clgi();
            a.ret();
        });

        // The timer that ends this is periodic: an interrupt that comes between STI and HLT costs one period, no more.
        stubs.Function("WaitForInterruptSvm", a =>
        {
            a.stgi();
            a.sti();
            a.hlt();
            a.cli();
            a.clgi();
            a.ret();
        });
    }
}

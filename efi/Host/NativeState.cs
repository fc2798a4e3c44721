using Switcher.Efi.Cpu;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Host;

/// <summary>Gives a CPU back: it goes on without the hypervisor.</summary>
internal static unsafe class NativeState
{
    /// <summary>Goes on in <paramref name="state"/>, with the registers of <paramref name="cpu"/>. Does not return.</summary>
    public static void Resume(ref VirtualCpu cpu, in CpuState state)
    {
        Instructions.WriteMsr(Msr.Star, state.Star);
        Instructions.WriteMsr(Msr.LStar, state.LStar);
        Instructions.WriteMsr(Msr.CStar, state.CStar);
        Instructions.WriteMsr(Msr.SfMask, state.SfMask);
        Instructions.WriteMsr(Msr.SysenterCs, state.SysenterCs);
        Instructions.WriteMsr(Msr.SysenterEsp, state.SysenterEsp);
        Instructions.WriteMsr(Msr.SysenterEip, state.SysenterEip);
        Instructions.WriteMsr(Msr.Efer, state.Efer);
        Instructions.WriteMsr(Msr.Pat, state.Pat);
        Instructions.WriteDr7(state.Dr7);
        Instructions.WriteCr0(state.Cr0);
        LoadSystemSegments(state);
        var frame = new LeaveFrame
        {
            Rip = state.Rip,
            Cs = state.Cs.Selector,
            Rflags = state.Rflags,
            Rsp = state.Rsp,
            Ss = state.Ss.Selector,
            Cr4 = state.Cr4,
            Cr3 = state.Cr3,
            Gdtr = new TableRegister { Limit = (ushort)state.GdtLimit, Base = state.GdtBase },
            Idtr = new TableRegister { Limit = (ushort)state.IdtLimit, Base = state.IdtBase },
            Ds = state.Ds.Selector,
            Es = state.Es.Selector,
            Fs = state.Fs.Selector,
            Gs = state.Gs.Selector,
        };
        fixed (VirtualCpu* pointer = &cpu)
            HostStubs.LeaveHost(pointer, &frame);
    }

    /// <summary>
    /// An empty task register, as most firmware has it, cannot be loaded: then it keeps the host's, which is used by nothing that runs at
    /// one privilege level without interrupt stacks.
    /// </summary>
    private static void LoadSystemSegments(in CpuState state)
    {
        const ulong Busy = 1UL << 41;
        const ushort LastNull = 3;
        var gdtr = new TableRegister { Limit = (ushort)state.GdtLimit, Base = state.GdtBase };
        Instructions.Lgdt(&gdtr);
        Instructions.Lldt(state.Ldtr.Selector);
        if (state.Tr.Selector <= LastNull)
            return;

        // SAFETY: the descriptor that the register was loaded from; LTR wants it not to be busy.
        *(ulong*)(state.GdtBase + state.Tr.Selector) &= ~Busy;
        Instructions.Ltr(state.Tr.Selector);
    }
}

using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Switcher.Efi.Cpu;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;

namespace Switcher.Efi.Host;

/// <summary>The state that the stub <c>LeaveHost</c> loads, in the order in which it reads it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 0x70)]
internal unsafe struct LeaveFrame
{
    [FieldOffset(0x00)] private ulong _rip;
    [FieldOffset(0x08)] private ulong _cs;
    [FieldOffset(0x10)] private ulong _rflags;
    [FieldOffset(0x18)] private ulong _rsp;
    [FieldOffset(0x20)] private ulong _ss;
    [FieldOffset(0x28)] private ulong _cr4;
    [FieldOffset(0x30)] private ulong _cr3;
    [FieldOffset(0x40)] private ushort _gdtLimit;
    [FieldOffset(0x42)] private ulong _gdtBase;
    [FieldOffset(0x50)] private ushort _idtLimit;
    [FieldOffset(0x52)] private ulong _idtBase;
    [FieldOffset(0x60)] private ushort _ds;
    [FieldOffset(0x62)] private ushort _es;
    [FieldOffset(0x64)] private ushort _fs;
    [FieldOffset(0x66)] private ushort _gs;

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
            _rip = state.Rip,
            _cs = state.Cs.Selector,
            _rflags = state.Rflags,
            _rsp = state.Rsp,
            _ss = state.Ss.Selector,
            _cr4 = state.Cr4,
            _cr3 = state.Cr3,
            _gdtLimit = (ushort)state.GdtLimit,
            _gdtBase = state.GdtBase,
            _idtLimit = (ushort)state.IdtLimit,
            _idtBase = state.IdtBase,
            _ds = state.Ds.Selector,
            _es = state.Es.Selector,
            _fs = state.Fs.Selector,
            _gs = state.Gs.Selector,
        };
        fixed (VirtualCpu* pointer = &cpu)
            LeaveHost(pointer, &frame);
    }

    /// <summary>
    /// An empty task register, as most firmware has it, cannot be loaded: then it keeps the host's, which is used by nothing that runs at one privilege
    /// level without interrupt stacks.
    /// </summary>
    private static void LoadSystemSegments(in CpuState state)
    {
        const ulong Busy = 1UL << 41;
        const ushort LastNull = 3;
        var tables = new LeaveFrame { _gdtLimit = (ushort)state.GdtLimit, _gdtBase = state.GdtBase };
        Instructions.Lgdt(&tables._gdtLimit);
        Instructions.Lldt(state.Ldtr.Selector);
        if (state.Tr.Selector <= LastNull)
            return;

        // SAFETY: the descriptor that the register was loaded from; LTR wants it not to be busy.
        *(ulong*)(state.GdtBase + state.Tr.Selector) &= ~Busy;
        Instructions.Ltr(state.Tr.Selector);
    }

    [RuntimeImport("*", "LeaveHost")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void LeaveHost(VirtualCpu* cpu, LeaveFrame* frame);
}

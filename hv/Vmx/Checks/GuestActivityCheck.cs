using System;
using Switcher.Hv.Cpu;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx.Checks;

/// <summary>SDM vol. 3, 27.3.1.5 "Checks on Guest Non-Register State".</summary>
public static class GuestActivityCheck
{
    private const Interruptibility InstructionShadow = Interruptibility.BlockedBySti | Interruptibility.BlockedByMovSs;

    public static ReadOnlySpan<byte> FirstProblem(scoped in VmcsGuestState state)
    {
        ReadOnlySpan<byte> problem = Activity(state);
        if (problem.IsEmpty)
            problem = Blocking(state);
        return problem.IsEmpty ? DebugAndLink(state) : problem;
    }

    private static ReadOnlySpan<byte> Activity(scoped in VmcsGuestState state)
    {
        // IA32_VMX_MISC bits 8:6: HLT, shutdown, wait-for-SIPI.
        if (state.Activity > ActivityState.WaitForSipi)
            return "the activity state does not exist"u8;
        if (state.Activity != ActivityState.Active && ((state.Miscellaneous >> (5 + (int)state.Activity)) & 1) == 0)
            return "the activity state is one that this CPU does not support"u8;
        if (state.Activity == ActivityState.Halted && ((state.Registers.Ss.Attributes >> 5) & 3) != 0)
            return "the activity state is HLT while SS.DPL is not 0"u8;
        if (state.Activity != ActivityState.Active && (state.Interruptibility & InstructionShadow) != 0)
            return "blocking by STI or MOV SS while the activity state is not active"u8;
        if (!state.Event.IsValid)
            return default;
        return state.Activity switch
        {
            ActivityState.WaitForSipi => "an event is injected while the activity state is wait-for-SIPI"u8,
            ActivityState.Halted when !state.Event.EndsHalt => "an event is injected that does not end the activity state HLT"u8,
            ActivityState.Shutdown when !state.Event.IsNmi && !state.Event.IsMachineCheck
                => "an event is injected while the activity state is shutdown"u8,
            _ => default,
        };
    }

    private static ReadOnlySpan<byte> Blocking(scoped in VmcsGuestState state)
    {
        const Interruptibility Known = InstructionShadow | Interruptibility.BlockedBySmi | Interruptibility.BlockedByNmi
            | Interruptibility.EnclaveInterruption;
        Interruptibility blocking = state.Interruptibility;
        if ((blocking & ~Known) != 0)
            return "the interruptibility state has a reserved bit"u8;
        if ((blocking & InstructionShadow) == InstructionShadow)
            return "blocking by STI and by MOV SS at once"u8;
        if ((state.Registers.Rflags & Rflags.Interrupt) == 0 && (blocking & Interruptibility.BlockedBySti) != 0)
            return "blocking by STI while RFLAGS.IF is 0"u8;
        if (state.Event.IsExternalInterrupt && (blocking & InstructionShadow) != 0)
            return "an external interrupt is injected while STI or MOV SS blocks it"u8;
        if (state.Event.IsNmi && (blocking & InstructionShadow) != 0)
            return "an NMI is injected while STI or MOV SS blocks it"u8;
        if ((blocking & Interruptibility.BlockedBySmi) != 0)
            return "blocking by SMI outside system-management mode"u8;
        if (state.Event.IsNmi && (state.PinControls & PinControls.VirtualNmis) != 0 && (blocking & Interruptibility.BlockedByNmi) != 0)
            return "an NMI is injected while an NMI blocks it"u8;
        return default;
    }

    private static ReadOnlySpan<byte> DebugAndLink(scoped in VmcsGuestState state)
    {
        const ulong Reserved = ~0x1_500FUL;
        const ulong SingleStep = 1 << 14;
        const ulong BranchTrap = 1 << 1;
        if ((state.PendingDebugExceptions & Reserved) != 0)
            return "pending debug exceptions has a reserved bit"u8;
        if ((state.Interruptibility & InstructionShadow) != 0 || state.Activity == ActivityState.Halted)
        {
            bool isStepping = (state.Registers.Rflags & Rflags.Trap) != 0 && (state.DebugCtl & BranchTrap) == 0;
            if (isStepping != ((state.PendingDebugExceptions & SingleStep) != 0))
                return "pending debug exceptions BS does not fit RFLAGS.TF and IA32_DEBUGCTL.BTF"u8;
        }
        return state.LinkPointer == ulong.MaxValue ? default : "the VMCS link pointer is not FFFFFFFF_FFFFFFFFh"u8;
    }
}

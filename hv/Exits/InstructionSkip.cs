using System;
using Switcher.Hv.Cpu;
using Switcher.Hv.Decode;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>Continues a guest behind the instruction that exited.</summary>
    public static class InstructionSkip
    {
        /// <summary>Uses the CPU's word on where the next instruction is, or decodes this one where it gives none.</summary>
        public static void Run(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            if (exit.NextRip != 0)
            {
                TVirtualization.SetRip(ref cpu, exit.NextRip);
                return;
            }
            TVirtualization.SaveState(ref cpu, out CpuState state);
            if (TryDecode(hypervisor, cpu, state, out DecodedInstruction instruction))
                Run(ref cpu, state, instruction.Length);
            else
                TVirtualization.Inject(ref cpu, GuestEvent.GeneralProtection);
        }

        /// <summary>Skips <paramref name="length"/> bytes; RIP wraps as the code segment's size has it.</summary>
        public static void Run(ref VirtualCpu cpu, in CpuState state, int length)
        {
            ulong next = state.Rip + (ulong)length;
            TVirtualization.SetRip(ref cpu, CodeSizeOf(state) == CodeSize.Bits64 ? next : (uint)next);
        }

        /// <summary>Decodes the instruction at the guest's CS:RIP.</summary>
        public static bool TryDecode(
            in HypervisorState hypervisor, in VirtualCpu cpu, in CpuState state, out DecodedInstruction instruction)
        {
            Span<byte> bytes = stackalloc byte[InstructionDecoder.MaximumLength];
            int length = GuestMemory.FetchInstruction(Executing(hypervisor, cpu).NestedRoot, state, bytes);
            return InstructionDecoder.TryDecode(bytes.Slice(0, length), CodeSizeOf(state), out instruction) == DecodeStatus.Ok;
        }

        private static CodeSize CodeSizeOf(in CpuState state)
        {
            if ((state.Efer & Efer.LongModeActive) != 0 && state.Cs.IsLong)
                return CodeSize.Bits64;
            return state.Cs.IsDefaultBig ? CodeSize.Bits32 : CodeSize.Bits16;
        }
    }
}

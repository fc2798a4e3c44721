using Switcher.Hv.Cpu;
using Switcher.Hv.Decode;

namespace Switcher.Hv.Exits;

/// <summary>A write to memory that is not the guest's: dropped, as where no device answers.</summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
/// <typeparam name="TVirtualization">The vendor's extension.</typeparam>
public static class ForeignWrite<TPlatform, TVirtualization>
    where TPlatform : struct, IPlatform
    where TVirtualization : struct, IVirtualization
{
    public static void Drop(ref VirtualCpu cpu, in CpuState state, in DecodedInstruction instruction)
        => InstructionSkip<TPlatform, TVirtualization>.Run(ref cpu, state, instruction.Length);
}

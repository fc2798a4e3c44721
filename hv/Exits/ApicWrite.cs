using Switcher.Hv.Cpu;
using Switcher.Hv.Decode;
using Switcher.Hv.Devices;

namespace Switcher.Hv.Exits;

/// <summary>A write to the trapped page of the local APIC: passed on, except for what would start or reset a CPU.</summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
/// <typeparam name="TVirtualization">The vendor's extension.</typeparam>
public static class ApicWrite<TPlatform, TVirtualization>
    where TPlatform : struct, IPlatform
    where TVirtualization : struct, IVirtualization
{
    public static void Handle(ref HypervisorState hypervisor, ref VirtualCpu cpu, in CpuState state, in DecodedInstruction instruction, uint register)
    {
        uint value = (uint)(instruction.IsImmediate ? instruction.Immediate : cpu.Registers.Get(instruction.Register));
        Write(ref hypervisor, ref cpu, register, value);
        InstructionSkip<TPlatform, TVirtualization>.Run(ref cpu, state, instruction.Length);
    }

    private static void Write(ref HypervisorState hypervisor, ref VirtualCpu cpu, uint register, uint value)
    {
        switch (register)
        {
            case ApicRegister.InterruptCommandLow:
                uint destination = LocalApic<TPlatform>.Read(hypervisor.LocalApic, ApicRegister.InterruptCommandHigh) >> 24;
                InterruptCommand<TPlatform, TVirtualization>.Write(ref hypervisor, ref cpu, value, destination);
                break;
            case ApicRegister.LogicalDestination:
                cpu.LogicalDestination = value;
                goto default;
            default:
                LocalApic<TPlatform>.Write(hypervisor.LocalApic, register, value);
                break;
        }
    }
}

using System.Threading;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.State;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>
    /// Writes to the interrupt command register: APM vol. 2, 16.5 Interprocessor Interrupts (IPI). INIT and start-up are carried out by the
    /// hypervisor, since they would take their target out of it; everything else is the hardware's.
    /// </summary>
    public static class InterruptCommand
    {
        private const uint ModeInit = 5;
        private const uint ModeStartup = 6;
        private const uint LogicalDestination = 1 << 11;
        private const uint Assert = 1 << 14;
        private const uint LevelTriggered = 1 << 15;

        /// <summary>A write of the whole register.</summary>
        /// <param name="command">The low half in its low 32 bits.</param>
        /// <param name="destination">The destination: 8 bits in xAPIC mode, 32 in x2APIC mode.</param>
        /// <returns>False if the CPU refuses the value (x2APIC mode only).</returns>
        public static bool Write(ref HypervisorState hypervisor, ref VirtualCpu cpu, ulong command, uint destination)
        {
            uint low = (uint)command;
            uint mode = (low >> 8) & 7;
            if (mode is not (ModeInit or ModeStartup))
                return Forward(hypervisor, command, low);

            // INIT level de-assert does nothing on CPUs of this century: APM vol. 2, 16.5, "Level".
            if (mode == ModeInit && (low & LevelTriggered) != 0 && (low & Assert) == 0)
                return true;
            for (int i = 0; i < hypervisor.Cpus.Count; i++)
            {
                ref VirtualCpu target = ref Cpu(hypervisor, i);
                if (IsAddressed(low, destination, cpu, target))
                    Deliver(ref hypervisor, ref target, mode, (byte)low);
            }
            return true;
        }

        private static bool Forward(in HypervisorState hypervisor, ulong command, uint low)
        {
            if (LocalApic.IsX2Apic)
                return TPlatform.TryWriteMsr(Msr.X2ApicIcr, command);
            LocalApic.Write(hypervisor.LocalApic, ApicRegister.InterruptCommandLow, low);
            return true;
        }

        private static bool IsAddressed(uint low, uint destination, in VirtualCpu sender, in VirtualCpu target)
        {
            uint broadcast = LocalApic.IsX2Apic ? 0xFFFF_FFFF : 0xFF;
            return ((low >> 18) & 3) switch
            {
                0 when (low & LogicalDestination) == 0 => destination == target.ApicId || destination == broadcast,
                0 => IsAddressedLogically(destination, target),
                1 => sender.Index == target.Index,
                2 => true,
                _ => sender.Index != target.Index,
            };
        }

        /// <summary>
        /// In xAPIC mode by the bits of the logical destination register (flat model); in x2APIC mode by cluster and bit, which follow from
        /// the ID (SDM vol. 3, 11.12.10.2 Deriving Logical x2APIC ID from the Local x2APIC ID).
        /// </summary>
        private static bool IsAddressedLogically(uint destination, in VirtualCpu target)
        {
            if (!LocalApic.IsX2Apic)
                return ((target.LogicalDestination >> 24) & destination) != 0;
            return destination >> 16 == target.ApicId >> 4 && (destination & (1u << (int)(target.ApicId & 0xF))) != 0;
        }

        private static void Deliver(ref HypervisorState hypervisor, ref VirtualCpu target, uint mode, byte vector)
        {
            if (mode == ModeStartup)
                Volatile.Write(ref target.StartupVector, vector);
            CpuRequests.Post(hypervisor, ref target, mode == ModeStartup ? CpuRequest.Startup : CpuRequest.Init);
        }
    }
}

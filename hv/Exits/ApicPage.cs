using Switcher.Hv.Devices;
using Switcher.Hv.State;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>The trapped page of the local APIC: writes are passed on, except for what would start or reset a CPU.</summary>
    public readonly struct ApicPage : IStoreTarget
    {
        /// <summary>The lowest 32 bits of each 16 bytes are a register: APM vol. 2, 16.3.2 APIC Registers.</summary>
        private const uint RegisterMask = ~3u;

        public static ulong Read(in HypervisorState hypervisor, uint offset, int size)
            => LocalApic.IsX2Apic ? ulong.MaxValue : LocalApic.Read(hypervisor.LocalApic, offset & RegisterMask);

        public static void Write(ref HypervisorState hypervisor, ref VirtualCpu cpu, uint offset, ulong value, int size)
        {
            // In x2APIC mode nothing is behind the page (SDM vol. 3, 11.12.2 x2APIC Register Availability).
            if (LocalApic.IsX2Apic)
                return;
            uint register = offset & RegisterMask;
            switch (register)
            {
                case ApicRegister.InterruptCommandLow:
                    uint destination = LocalApic.Read(hypervisor.LocalApic, ApicRegister.InterruptCommandHigh) >> 24;
                    InterruptCommand.Write(ref hypervisor, ref cpu, (uint)value, destination);
                    break;
                case ApicRegister.LogicalDestination:
                    cpu.LogicalDestination = (uint)value;
                    goto default;
                default:
                    LocalApic.Write(hypervisor.LocalApic, register, (uint)value);
                    break;
            }
        }
    }
}

using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.State;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>
    /// Gives a CPU back what the firmware set up and what a reset clears, as far as it is not in the vendor's control structure: no guest finds
    /// another's floating-point registers, debug registers, memory types or speculation controls.
    /// </summary>
    public static class CpuReset
    {
        private const uint ExtendedFeatures = 0x8000_0001;
        private const uint RdtscpFeature = 1 << 27;
        private const uint XsaveLeaf = 0xD;
        private const uint XsavesFeature = 1 << 3;
        private const uint XsaveFeature = 1 << 26;

        public static void Run(in HypervisorState hypervisor, in VirtualCpu cpu)
        {
            TPlatform.ResetExtendedState();
            TPlatform.ResetDebugRegisters();
            RestoreApicMode(hypervisor, cpu);
            for (int i = 0; i < hypervisor.BootMsrs.Count; i++)
            {
                ref MsrValue msr = ref hypervisor.BootMsrs.At<TPlatform>(i);
                if (TPlatform.ReadMsr(msr.Register) != msr.Value)
                    TPlatform.WriteMsr(msr.Register, msr.Value);
            }
            if ((TPlatform.Cpuid(ExtendedFeatures, 0).Edx & RdtscpFeature) != 0)
                TPlatform.WriteMsr(Msr.TscAux, 0);
            if ((TPlatform.Cpuid(1, 0).Ecx & XsaveFeature) != 0 && (TPlatform.Cpuid(XsaveLeaf, 1).Eax & XsavesFeature) != 0)
                TPlatform.WriteMsr(Msr.Xss, 0);

            // Where there is no such register, the CPU says so and nothing happens.
            TPlatform.TryWriteMsr(Msr.DebugCtl, 0);
            TPlatform.TryWriteMsr(Msr.SpecCtrl, 0);
        }

        /// <summary>From x2APIC mode a local APIC comes back only through being disabled: SDM vol. 3, 11.12.5 x2APIC State Transitions.</summary>
        private static void RestoreApicMode(in HypervisorState hypervisor, in VirtualCpu cpu)
        {
            ulong wanted = hypervisor.BootApicBase | (cpu.Index == 0 ? ApicBase.BootCpu : 0);
            ulong present = TPlatform.ReadMsr(Msr.ApicBase);
            if (present == wanted)
                return;
            if ((present & ApicBase.X2ApicEnable) != 0 && (wanted & ApicBase.X2ApicEnable) == 0)
                TPlatform.WriteMsr(Msr.ApicBase, present & ~(ApicBase.X2ApicEnable | ApicBase.Enable));
            TPlatform.WriteMsr(Msr.ApicBase, wanted);
        }
    }
}

using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>CPUID: the CPU's own answer, without what guests must not see.</summary>
    public static class CpuidExit
    {
        /// <summary>
        /// "SWPR": a leaf that no CPU has. The answer is the CPU's, but the log shows that the question passed through the hypervisor, and
        /// on which CPU: so a test knows that no CPU got away from it.
        /// </summary>
        public const uint ProbeLeaf = 0x5357_5052;

        public static void Handle(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            uint leaf = (uint)cpu.Registers.Rax;
            uint subleaf = (uint)cpu.Registers.Rcx;
            CpuidResult result = TPlatform.Cpuid(leaf, subleaf);
            HiddenFeatures.Hide(leaf, ref result);
            switch (leaf)
            {
                case CpuidLeaf.Features:
                    result.Ecx = WithOsBit(ref cpu, result.Ecx, CpuidBit.OsXsave, Cr4.OsXsave);
                    break;
                case CpuidLeaf.StructuredFeatures when subleaf == 0:
                    result.Ecx = WithOsBit(ref cpu, result.Ecx, CpuidBit.OsProtectionKeys, Cr4.ProtectionKeys);
                    break;
                case ProbeLeaf:
                    LogProbe(hypervisor, cpu, subleaf);
                    break;
                default:
                    break;
            }
            cpu.Registers.Rax = result.Eax;
            cpu.Registers.Rbx = result.Ebx;
            cpu.Registers.Rcx = result.Ecx;
            cpu.Registers.Rdx = result.Edx;
            InstructionSkip.Run(ref hypervisor, ref cpu, exit);
        }

        /// <summary>Some feature bits mirror the guest's CR4; here CPUID was executed under the hypervisor's own.</summary>
        private static uint WithOsBit(ref VirtualCpu cpu, uint value, uint feature, ulong controlBit)
        {
            TVirtualization.SaveState(ref cpu, out CpuState state);
            return (state.Cr4 & controlBit) != 0 ? value | feature : value & ~feature;
        }

        private static void LogProbe(in HypervisorState hypervisor, in VirtualCpu cpu, uint value)
        {
            var line = new LogLine("INFO probe"u8);
            DomainLog.AppendActive(ref line, hypervisor);
            line.Number("cpu"u8, (uint)cpu.Index);
            line.Hex("value"u8, value);
            line.WriteTo<TPlatform>();
        }
    }
}

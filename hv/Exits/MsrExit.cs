using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>RDMSR and WRMSR that exit: what concerns virtualization is answered here, everything else by the CPU.</summary>
    public static class MsrExit
    {
        private const ulong EferBits = Efer.SystemCallExtensions | Efer.LongModeEnable | Efer.LongModeActive | Efer.NoExecuteEnable
            | (1 << 13) | (1 << 14) | (1 << 15) | (1 << 17) | (1 << 18) | (1 << 20) | (1 << 21);

        public static void Read(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            bool isGood = TryRead(ref cpu, (uint)cpu.Registers.Rcx, out ulong value);
            if (!isGood)
            {
                TVirtualization.Inject(ref cpu, GuestEvent.GeneralProtection);
                return;
            }
            cpu.Registers.Rax = (uint)value;
            cpu.Registers.Rdx = value >> 32;
            InstructionSkip.Run(ref hypervisor, ref cpu, exit);
        }

        public static void Write(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            ulong value = (cpu.Registers.Rdx << 32) | (uint)cpu.Registers.Rax;
            if (TryWrite(ref hypervisor, ref cpu, (uint)cpu.Registers.Rcx, value))
                InstructionSkip.Run(ref hypervisor, ref cpu, exit);
            else
                TVirtualization.Inject(ref cpu, GuestEvent.GeneralProtection);
        }

        private static bool TryRead(ref VirtualCpu cpu, uint register, out ulong value)
        {
            HiddenMsr hidden = TVirtualization.ReadHiddenMsr(register, out value);
            if (hidden != HiddenMsr.None)
                return hidden == HiddenMsr.ReadOnly;
            switch (register)
            {
                case Msr.Efer:
                    TVirtualization.SaveState(ref cpu, out CpuState state);
                    value = state.Efer;
                    return true;
                default:
                    return TPlatform.TryReadMsr(register, out value);
            }
        }

        private static bool TryWrite(ref HypervisorState hypervisor, ref VirtualCpu cpu, uint register, ulong value)
        {
            if (TVirtualization.ReadHiddenMsr(register, out _) != HiddenMsr.None)
                return false;
            switch (register)
            {
                case Msr.Efer:
                    return TryWriteEfer(ref cpu, value);
                case Msr.ApicBase:
                    return TryWriteApicBase(hypervisor, value);
                case Msr.X2ApicIcr:
                    return LocalApic.IsX2Apic
                        && InterruptCommand.Write(ref hypervisor, ref cpu, value, (uint)(value >> 32));
                default:
                    return TPlatform.TryWriteMsr(register, value);
            }
        }

        /// <summary>APM vol. 2, 3.1.7: LMA is the CPU's, and LME does not change while paging is on.</summary>
        private static bool TryWriteEfer(ref VirtualCpu cpu, ulong value)
        {
            TVirtualization.SaveState(ref cpu, out CpuState state);
            bool isPaging = (state.Cr0 & Cr0.Paging) != 0;
            if ((value & ~EferBits) != 0 || (isPaging && ((value ^ state.Efer) & Efer.LongModeEnable) != 0))
                return false;
            state.Efer = (value & ~Efer.LongModeActive) | (state.Efer & Efer.LongModeActive);
            TVirtualization.LoadState(ref cpu, state, StateKind.Changed);
            return true;
        }

        /// <summary>The mode may change, the place may not: the page there is what the hypervisor watches.</summary>
        private static bool TryWriteApicBase(in HypervisorState hypervisor, ulong value)
        {
            if ((value & ApicBase.AddressMask) == hypervisor.LocalApic.Value)
                return TPlatform.TryWriteMsr(Msr.ApicBase, value);
            var line = new LogLine("WARN a guest tried to move its local APIC"u8);
            DomainLog.AppendActive(ref line, hypervisor);
            line.Hex("value"u8, value);
            line.WriteTo<TPlatform>();
            return false;
        }
    }
}

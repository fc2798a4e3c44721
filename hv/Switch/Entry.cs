using Switcher.Acpi;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.State;

namespace Switcher.Hv.Switch;

/// <summary>Where a domain wants to wake: ACPI 6.5, 5.2.10 Firmware ACPI Control Structure (FACS).</summary>
public readonly struct WakingVector
{
    private readonly uint _real;
    private readonly ulong _extended;

    private WakingVector(uint real, ulong extended)
    {
        _real = real;
        _extended = extended;
    }

    /// <summary>True if the domain asked to be woken at all.</summary>
    public bool IsSet => _real != 0 || _extended != 0;

    /// <summary>Reads the vectors; the X vector only where the table is long enough to have one.</summary>
    public static WakingVector Read<TMemory>(HostPhysicalAddress facs)
        where TMemory : struct, IPhysicalMemory
    {
        uint length = TMemory.At<uint>(facs + Facs.LengthOffset);
        uint real = TMemory.At<uint>(facs + Facs.FirmwareWakingVectorOffset);
        ulong extended = length < Facs.LengthWithXVector ? 0 : TMemory.At<ulong>(facs + Facs.XFirmwareWakingVectorOffset);
        return new WakingVector(real, extended);
    }

    /// <summary>
    /// The state at the vector. The X vector, where set, goes first, and is entered in 32-bit protected mode with flat segments and without
    /// paging: Switcher's tables do not offer the 64-bit form (FACS flag 64BIT_WAKE_SUPPORTED_F is clear).
    /// </summary>
    public CpuState EntryState()
    {
        if (_extended == 0)
            return CpuState.AtWakingVector(_real);
        var data = new SegmentRegister(0x10, 0xC093, 0xFFFF_FFFF, 0);
        return CpuState.AtWakingVector(0) with
        {
            Rip = _extended,
            Cr0 = Cr0.ExtensionType | Cr0.ProtectedMode,
            Cs = new SegmentRegister(0x08, 0xC09B, 0xFFFF_FFFF, 0),
            Ds = data,
            Es = data,
            Fs = data,
            Gs = data,
            Ss = data,
        };
    }
}

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>Each CPU's way into the domain that has become active.</summary>
    public static class Entry
    {
        /// <summary>The boot CPU goes on where the domain was stopped or wants to wake; the others wait for its start-up.</summary>
        public static void Run(ref HypervisorState hypervisor, ref VirtualCpu cpu)
        {
            Reset(hypervisor, cpu);
            cpu.LogicalDestination = 0;

            // A non-maskable interrupt that came meanwhile was for the domain that went.
            cpu.GuestNmi = 0;
            ref Domain domain = ref Active(hypervisor);
            TVirtualization.SetNestedRoot(ref cpu, domain.NestedRoot);
            if (cpu.Index == 0)
            {
                cpu.Activity = CpuActivity.Running;
                cpu.Registers = domain.Saved.Registers;
                cpu.Fpu = domain.Saved.Fpu;
                LocalApic.SetVirtualWire(hypervisor.LocalApic);
                TVirtualization.LoadState(ref cpu, domain.Saved.State);
            }
            else
            {
                cpu.Activity = CpuActivity.WaitingForStartup;
                cpu.Registers = default;
                cpu.Fpu.Reset();
                TVirtualization.WaitForStartup(ref hypervisor, ref cpu);
            }
        }

        /// <summary>
        /// Gives a CPU back what the firmware set up and what a reset clears, as far as it is not in the vendor's control structure: no
        /// domain finds another's floating-point registers, debug registers, memory types or speculation controls.
        /// </summary>
        private static void Reset(in HypervisorState hypervisor, in VirtualCpu cpu)
        {
            TPlatform.ResetExtendedState();
            TPlatform.ResetDebugRegisters();
            RestoreApicMode(hypervisor, cpu);
            for (int i = 0; i < hypervisor.BootMsrs.Count; i++)
            {
                ref MsrValue msr = ref At(hypervisor.BootMsrs, i);
                if (TPlatform.ReadMsr(msr.Register) != msr.Value)
                    TPlatform.WriteMsr(msr.Register, msr.Value);
            }
            if (CpuFeatures<TPlatform>.HasRdtscp)
                TPlatform.WriteMsr(Msr.TscAux, 0);
            if (CpuFeatures<TPlatform>.HasXsaves)
                TPlatform.WriteMsr(Msr.Xss, 0);

            // Where there is no such register, the CPU says so and nothing happens.
            TPlatform.TryWriteMsr(Msr.DebugCtl, 0);
            TPlatform.TryWriteMsr(Msr.SpecCtrl, 0);
        }

        /// <summary>
        /// From x2APIC mode a local APIC comes back only through being disabled: SDM vol. 3, 11.12.5 x2APIC State Transitions.
        /// </summary>
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

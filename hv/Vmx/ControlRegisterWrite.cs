using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;

namespace Switcher.Hv.Vmx;

public readonly partial struct Vmx<TPlatform>
{
    /// <summary>
    /// Guests' writes of CR0 and CR4 that exit, because they concern a bit that VMX holds: carried out as the CPU itself would
    /// (SDM vol. 2, "MOV-Move to/from Control Registers"; vol. 3, 10.8.5 "Initializing IA-32e Mode").
    /// </summary>
    public static class ControlRegisterWrite
    {
        private const ulong Cr0Bits = Cr0.ProtectedMode | Cr0.MonitorCoprocessor | Cr0.Emulation | Cr0.TaskSwitched | Cr0.ExtensionType
            | Cr0.NumericError | Cr0.WriteProtect | Cr0.AlignmentMask | Cr0.NotWritethrough | Cr0.CacheDisable | Cr0.Paging;

        /// <summary>Bits whose change reloads the page-directory-pointer-table entries: SDM vol. 3, 4.4.1 "PDPTE Registers".</summary>
        private const ulong PdpteBits = Cr0.Paging | Cr0.CacheDisable | Cr0.NotWritethrough;

        /// <summary>SDM vol. 3, table 28-3 "Exit Qualification for Control-Register Accesses".</summary>
        private readonly struct Qualification(ulong value)
        {
            public int Register => (int)(value & 0xF);

            public bool IsMoveTo => ((value >> 4) & 3) == 0;

            public int Source => (int)((value >> 8) & 0xF);
        }

        /// <summary>Carries the write out.</summary>
        /// <returns>False where the CPU would answer #GP.</returns>
        public static bool TryHandle(
            HostPhysicalAddress nestedRoot, in VmxCpu own, ref VirtualCpu cpu, ulong qualification, out bool isKnown)
        {
            var access = new Qualification(qualification);
            isKnown = access.IsMoveTo && access.Register is 0 or 4;
            if (!isKnown)
                return false;
            ulong value = cpu.Registers.Get(access.Source);
            if (!GuestMode.Is64Bit())
                value = (uint)value;

            // What exits of CR4 is only VMXE and SMXE being set, which a CPU without those extensions refuses.
            return access.Register == 0 && TryWriteCr0(nestedRoot, own, value);
        }

        private static bool TryWriteCr0(HostPhysicalAddress nestedRoot, in VmxCpu own, ulong value)
        {
            VmcsState.Save(own, out CpuState state);
            if (value > uint.MaxValue || !IsConsistent(value, state))
                return false;
            value = (value & Cr0Bits) | Cr0.ExtensionType;
            ulong changed = value ^ state.Cr0;
            ulong efer = state.Efer & ~Efer.LongModeActive;
            bool isPaging = (value & Cr0.Paging) != 0;
            if (isPaging && (efer & Efer.LongModeEnable) != 0)
                efer |= Efer.LongModeActive;
            bool hasPdptes = isPaging && (efer & Efer.LongModeActive) == 0 && (state.Cr4 & Cr4.PhysicalAddressExtension) != 0;
            if (hasPdptes && (changed & PdpteBits) != 0 && !PdpteRegisters.TryLoad(nestedRoot, state.Cr3, own.PhysicalAddressBits))
                return false;

            VmcsState.WriteCr0(own, value);
            VmcsState.WriteEfer(own, efer);
            if (own.UsesVpid)
                TPlatform.InvalidateVpid();
            return true;
        }

        private static bool IsConsistent(ulong value, in CpuState state)
        {
            bool isPaging = (value & Cr0.Paging) != 0;
            bool wasPaging = (state.Cr0 & Cr0.Paging) != 0;
            if (isPaging && (value & Cr0.ProtectedMode) == 0)
                return false;
            if ((value & (Cr0.NotWritethrough | Cr0.CacheDisable)) == Cr0.NotWritethrough)
                return false;
            if ((value & Cr0.WriteProtect) == 0 && (state.Cr4 & Cr4.ControlFlowEnforcement) != 0)
                return false;
            if (isPaging && !wasPaging && (state.Efer & Efer.LongModeEnable) != 0)
                return (state.Cr4 & Cr4.PhysicalAddressExtension) != 0 && !state.Cs.IsLong && Is32BitTask(state.Tr);
            if (!isPaging && wasPaging)
                return !((state.Efer & Efer.LongModeActive) != 0 && state.Cs.IsLong) && (state.Cr4 & Cr4.ProcessContextIdentifiers) == 0;
            return true;
        }

        /// <summary>A task state segment of the 16-bit form does not fit IA-32e mode.</summary>
        private static bool Is32BitTask(in SegmentRegister task) => (task.Attributes & 0xF) == 0xB;
    }
}

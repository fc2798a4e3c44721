using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

public readonly partial struct Vmx<TPlatform>
{
    /// <summary>
    /// VMX operation of one CPU: SDM vol. 3, 24.7 "Enabling and Entering VMX Operation", 24.8 "Restrictions on VMX Operation".
    /// </summary>
    public static class VmxOperation
    {
        /// <summary>
        /// Switches VMX on and makes the CPU's VMCS current, empty. The host's CR0 becomes what the hypervisor's code needs.
        /// </summary>
        public static Status Enter(ref VirtualCpu cpu)
        {
            var feature = new FeatureControl(TPlatform.ReadMsr(VmxMsr.FeatureControl));
            if (feature.IsLockedOff)
                return Status.VirtualizationDisabled;
            if (!feature.IsLockedOn)
                TPlatform.WriteMsr(VmxMsr.FeatureControl, feature.WithVmxLockedOn.Value);

            VmxCapabilities capabilities = VmxCapabilities.Read<TPlatform>();
            VmxFeature missing = VmxControls.Reconcile(capabilities, out VmxControlSet controls);
            if (!missing.IsNone)
                return missing.Status;
            TPlatform.At<VmxCpu>(cpu.SecondVendorPage) = new VmxCpu
            {
                Controls = controls,
                Cr0 = capabilities.Cr0.Except(Cr0.ProtectedMode | Cr0.Paging),
                Cr4 = capabilities.Cr4,
                HasPreemptionTimer = (capabilities.Pin.MayBeOne & (uint)PinControls.ActivatePreemptionTimer) != 0,
                Miscellaneous = capabilities.Miscellaneous,
                PhysicalAddressBits = (byte)CpuFeatures<TPlatform>.PhysicalAddressBits,
            };

            ulong cr0 = TPlatform.ReadCr0() & ~(Cr0.Emulation | Cr0.TaskSwitched);
            TPlatform.WriteCr0(capabilities.Cr0.Apply(cr0 | Cr0.MonitorCoprocessor | Cr0.WriteProtect));
            TPlatform.WriteCr4(TPlatform.ReadCr4() | Cr4.VirtualMachineExtensions);
            TPlatform.At<uint>(cpu.FirstVendorPage) = capabilities.Revision;
            TPlatform.At<uint>(cpu.ControlBlock) = capabilities.Revision;
            if (!TPlatform.EnterVmxOperation(cpu.FirstVendorPage))
            {
                TPlatform.WriteCr4(TPlatform.ReadCr4() & ~Cr4.VirtualMachineExtensions);
                return Status.VirtualizationRefused;
            }
            if (TPlatform.LoadVmcs(cpu.ControlBlock))
                return Status.Success;
            SwitchOff();
            return Status.VirtualizationRefused;
        }

        /// <summary>Switches VMX off. What the CPU holds of the VMCS goes to memory first, so that it does not come there later.</summary>
        public static void Leave(ref VirtualCpu cpu)
        {
            TPlatform.ClearVmcs(cpu.ControlBlock);
            SwitchOff();
        }

        private static void SwitchOff()
        {
            TPlatform.LeaveVmxOperation();
            TPlatform.WriteCr4(TPlatform.ReadCr4() & ~Cr4.VirtualMachineExtensions);
        }
    }
}

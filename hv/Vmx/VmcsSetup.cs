using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

public readonly partial struct Vmx<TPlatform>
{
    /// <summary>Writes what does not change while a VMCS is in use: controls, bitmaps and the host's state.</summary>
    public static class VmcsSetup
    {
        /// <summary>All guests of a CPU share one identifier: what belongs to the one before is dropped when another enters.</summary>
        private const ushort VirtualProcessorId = 1;

        public static void WriteControls(in HypervisorState hypervisor, in VmxCpu cpu)
        {
            const ulong BytesOfFirstIoBitmap = 0x1000;
            Vmcs.Write(VmcsControl.PinControls, cpu.Controls.Pin);
            Vmcs.Write(VmcsControl.PrimaryControls, cpu.Controls.Primary);
            Vmcs.Write(VmcsControl.SecondaryControls, cpu.Controls.Secondary);
            Vmcs.Write(VmcsControl.ExitControls, cpu.Controls.Exit);
            Vmcs.Write(VmcsControl.EntryControls, cpu.Controls.Entry);
            Vmcs.Write(VmcsControl.ExceptionBitmap, 0u);
            Vmcs.Write(VmcsControl.PageFaultErrorCodeMask, 0u);
            Vmcs.Write(VmcsControl.PageFaultErrorCodeMatch, 0u);
            Vmcs.Write(VmcsControl.Cr3TargetCount, 0u);
            Vmcs.Write(VmcsControl.ExitMsrStoreCount, 0u);
            Vmcs.Write(VmcsControl.ExitMsrLoadCount, 0u);
            Vmcs.Write(VmcsControl.EntryMsrLoadCount, 0u);
            Vmcs.Write(VmcsControl.IoBitmapA, hypervisor.IoBitmap.Value);
            Vmcs.Write(VmcsControl.IoBitmapB, hypervisor.IoBitmap.Value + BytesOfFirstIoBitmap);
            Vmcs.Write(VmcsControl.MsrBitmap, hypervisor.MsrBitmap.Value);
            Vmcs.Write(VmcsControl.Cr0Mask, cpu.Cr0Mask);
            Vmcs.Write(VmcsControl.Cr4Mask, cpu.Cr4Mask);
            if (cpu.UsesVpid)
                Vmcs.Write(VmcsControl.VirtualProcessorId, VirtualProcessorId);
            if ((cpu.Controls.Secondary & SecondaryControls.EnableXsaves) != 0)
                Vmcs.Write(VmcsControl.XssExitingBitmap, 0UL);

            // There is no shadow VMCS: SDM vol. 3, 25.4.2 "Guest Non-Register State", "VMCS link pointer".
            Vmcs.Write(VmcsGuest.LinkPointer, ulong.MaxValue);
        }

        /// <summary>An exit puts the CPU into the state in which this is called. The stack follows at each entry.</summary>
        public static void WriteHostState()
        {
            TPlatform.ReadOwnState(out CpuState host);
            Vmcs.Write(VmcsHost.Cr0, host.Cr0);
            Vmcs.Write(VmcsHost.Cr3, host.Cr3);
            Vmcs.Write(VmcsHost.Cr4, host.Cr4);
            Vmcs.Write(VmcsHost.EsSelector, host.Es.Selector);
            Vmcs.Write(VmcsHost.CsSelector, host.Cs.Selector);
            Vmcs.Write(VmcsHost.SsSelector, host.Ss.Selector);
            Vmcs.Write(VmcsHost.DsSelector, host.Ds.Selector);
            Vmcs.Write(VmcsHost.FsSelector, host.Fs.Selector);
            Vmcs.Write(VmcsHost.GsSelector, host.Gs.Selector);
            Vmcs.Write(VmcsHost.TrSelector, host.Tr.Selector);
            Vmcs.Write(VmcsHost.FsBase, host.Fs.Base);
            Vmcs.Write(VmcsHost.GsBase, host.Gs.Base);
            Vmcs.Write(VmcsHost.TrBase, host.Tr.Base);
            Vmcs.Write(VmcsHost.GdtrBase, host.GdtBase);
            Vmcs.Write(VmcsHost.IdtrBase, host.IdtBase);
            Vmcs.Write(VmcsHost.Efer, host.Efer);

            // The host's page tables select types by the PAT as it is after reset.
            Vmcs.Write(VmcsHost.Pat, Msr.PatAfterReset);

            // The host makes no system calls; zero makes any SYSENTER fault.
            Vmcs.Write(VmcsHost.SysenterCs, 0u);
            Vmcs.Write(VmcsHost.SysenterEsp, 0);
            Vmcs.Write(VmcsHost.SysenterEip, 0);
            Vmcs.Write(VmcsHost.Rip, TPlatform.ExitAddress);
        }
    }
}

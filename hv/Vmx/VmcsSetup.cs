using Switcher.Hv.Cpu;
using Switcher.Hv.State;

namespace Switcher.Hv.Vmx;

/// <summary>Writes what does not change while a VMCS is in use: controls, bitmaps and the host's state.</summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
public static class VmcsSetup<TPlatform>
    where TPlatform : struct, IPlatform, IVmxInstructions
{
    /// <summary>All guests of a CPU share one identifier: what belongs to the one before is dropped when another enters.</summary>
    private const ushort VirtualProcessorId = 1;

    public static void WriteControls(in HypervisorState hypervisor, in VmxCpu cpu)
    {
        const ulong BytesOfFirstIoBitmap = 0x1000;
        Vmcs<TPlatform>.Write(VmcsControl.PinControls, cpu.Controls.Pin);
        Vmcs<TPlatform>.Write(VmcsControl.PrimaryControls, cpu.Controls.Primary);
        Vmcs<TPlatform>.Write(VmcsControl.SecondaryControls, cpu.Controls.Secondary);
        Vmcs<TPlatform>.Write(VmcsControl.ExitControls, cpu.Controls.Exit);
        Vmcs<TPlatform>.Write(VmcsControl.EntryControls, cpu.Controls.Entry);
        Vmcs<TPlatform>.Write(VmcsControl.ExceptionBitmap, 0u);
        Vmcs<TPlatform>.Write(VmcsControl.PageFaultErrorCodeMask, 0u);
        Vmcs<TPlatform>.Write(VmcsControl.PageFaultErrorCodeMatch, 0u);
        Vmcs<TPlatform>.Write(VmcsControl.Cr3TargetCount, 0u);
        Vmcs<TPlatform>.Write(VmcsControl.ExitMsrStoreCount, 0u);
        Vmcs<TPlatform>.Write(VmcsControl.ExitMsrLoadCount, 0u);
        Vmcs<TPlatform>.Write(VmcsControl.EntryMsrLoadCount, 0u);
        Vmcs<TPlatform>.Write(VmcsControl.IoBitmapA, hypervisor.IoBitmap.Value);
        Vmcs<TPlatform>.Write(VmcsControl.IoBitmapB, hypervisor.IoBitmap.Value + BytesOfFirstIoBitmap);
        Vmcs<TPlatform>.Write(VmcsControl.MsrBitmap, hypervisor.MsrBitmap.Value);
        Vmcs<TPlatform>.Write(VmcsControl.Cr0Mask, cpu.Cr0Mask);
        Vmcs<TPlatform>.Write(VmcsControl.Cr4Mask, cpu.Cr4Mask);
        if (cpu.UsesVpid)
            Vmcs<TPlatform>.Write(VmcsControl.VirtualProcessorId, VirtualProcessorId);
        if ((cpu.Controls.Secondary & SecondaryControls.EnableXsaves) != 0)
            Vmcs<TPlatform>.Write(VmcsControl.XssExitingBitmap, 0UL);

        // There is no shadow VMCS: SDM vol. 3, 25.4.2 "Guest Non-Register State", "VMCS link pointer".
        Vmcs<TPlatform>.Write(VmcsGuest.LinkPointer, ulong.MaxValue);
    }

    /// <summary>An exit puts the CPU into the state in which this is called. The stack follows at each entry.</summary>
    public static void WriteHostState()
    {
        TPlatform.ReadOwnState(out CpuState host);
        Vmcs<TPlatform>.Write(VmcsHost.Cr0, host.Cr0);
        Vmcs<TPlatform>.Write(VmcsHost.Cr3, host.Cr3);
        Vmcs<TPlatform>.Write(VmcsHost.Cr4, host.Cr4);
        Vmcs<TPlatform>.Write(VmcsHost.EsSelector, host.Es.Selector);
        Vmcs<TPlatform>.Write(VmcsHost.CsSelector, host.Cs.Selector);
        Vmcs<TPlatform>.Write(VmcsHost.SsSelector, host.Ss.Selector);
        Vmcs<TPlatform>.Write(VmcsHost.DsSelector, host.Ds.Selector);
        Vmcs<TPlatform>.Write(VmcsHost.FsSelector, host.Fs.Selector);
        Vmcs<TPlatform>.Write(VmcsHost.GsSelector, host.Gs.Selector);
        Vmcs<TPlatform>.Write(VmcsHost.TrSelector, host.Tr.Selector);
        Vmcs<TPlatform>.Write(VmcsHost.FsBase, host.Fs.Base);
        Vmcs<TPlatform>.Write(VmcsHost.GsBase, host.Gs.Base);
        Vmcs<TPlatform>.Write(VmcsHost.TrBase, host.Tr.Base);
        Vmcs<TPlatform>.Write(VmcsHost.GdtrBase, host.GdtBase);
        Vmcs<TPlatform>.Write(VmcsHost.IdtrBase, host.IdtBase);
        Vmcs<TPlatform>.Write(VmcsHost.Efer, host.Efer);

        // The host's page tables select types by the PAT as it is after reset.
        Vmcs<TPlatform>.Write(VmcsHost.Pat, Msr.PatAfterReset);

        // The host makes no system calls; zero makes any SYSENTER fault.
        Vmcs<TPlatform>.Write(VmcsHost.SysenterCs, 0u);
        Vmcs<TPlatform>.Write(VmcsHost.SysenterEsp, 0);
        Vmcs<TPlatform>.Write(VmcsHost.SysenterEip, 0);
        Vmcs<TPlatform>.Write(VmcsHost.Rip, TPlatform.ExitAddress);
    }
}

using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Verdict;
using Switcher.Hv.Cpu;
using Switcher.Hv.Paging;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Svm;

/// <summary>AMD's Secure Virtual Machine behind the vendor contract: APM vol. 2 (publication 24593, revision 3.42), chapter 15.</summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
public readonly struct Svm<TPlatform> : IVirtualization
    where TPlatform : struct, IPlatform, ISvmInstructions
{
    /// <summary>SIPI has no intercept, and INIT's is of no use without it.</summary>
    public static VendorGaps Gaps => VendorGaps.StartupIntercept | VendorGaps.Timer;

    /// <summary>APM vol. 2, 15.4 Enabling SVM.</summary>
    public static Status Check()
    {
        const ulong SvmDisabled = 1 << 4;
        CpuOffer has = CpuOffer.UnrestrictedGuest;
        if (CpuFeatures<TPlatform>.HasSvm)
            has |= CpuOffer.Virtualization;
        if (!TPlatform.TryReadMsr(Msr.VmCr, out ulong vmCr) || (vmCr & SvmDisabled) == 0)
            has |= CpuOffer.Enabled;
        if (CpuFeatures<TPlatform>.HasNestedPaging)
            has |= CpuOffer.NestedPaging;
        return StatusText.Lacking(CpuVerdict.FirstMissing(has));
    }

    public static void InitializeMachine(ref HypervisorState hypervisor)
    {
        MsrPermissionMap.Initialize(TPlatform.Bytes(hypervisor.MsrBitmap, MsrPermissionMap.Bytes));

        // hlt; jmp to it: a CPU that waits for its start-up runs this in real mode with interrupts off.
        ReadOnlySpan<byte> wait = [0xF4, 0xEB, 0xFD];
        wait.CopyTo(TPlatform.Bytes(hypervisor.WaitPage, wait.Length));
    }

    public static Status EnableCpu(ref HypervisorState hypervisor, ref VirtualCpu cpu)
    {
        TPlatform.WriteMsr(Msr.Efer, TPlatform.ReadMsr(Msr.Efer) | Efer.SecureVirtualMachineEnable);
        TPlatform.WriteMsr(Msr.VmHsavePa, HostSaveArea(cpu).Value);
        TPlatform.SaveHostState(HostState(cpu));

        ref Vmcb vmcb = ref TPlatform.At<Vmcb>(cpu.ControlBlock);
        vmcb.Intercepts1 = SvmIntercepts1.Nmi | SvmIntercepts1.Smi | SvmIntercepts1.Cpuid | SvmIntercepts1.Invlpga | SvmIntercepts1.Io
            | SvmIntercepts1.Msr | SvmIntercepts1.Shutdown;
        vmcb.Intercepts2 = SvmIntercepts2.Vmrun | SvmIntercepts2.Vmmcall | SvmIntercepts2.Vmload | SvmIntercepts2.Vmsave
            | SvmIntercepts2.Stgi | SvmIntercepts2.Clgi | SvmIntercepts2.Skinit;
        vmcb.IopmBasePa = hypervisor.IoBitmap.Value;
        vmcb.MsrpmBasePa = hypervisor.MsrBitmap.Value;
        vmcb.GuestAsid = 1;
        vmcb.NestedControl = 1;
        return Status.Success;
    }

    public static void DisableCpu(ref VirtualCpu cpu)
    {
        TPlatform.LoadGuestState(cpu.ControlBlock);
        TPlatform.SetGlobalInterruptFlag();
        TPlatform.WriteMsr(Msr.VmHsavePa, 0);
        TPlatform.WriteMsr(Msr.Efer, TPlatform.ReadMsr(Msr.Efer) & ~Efer.SecureVirtualMachineEnable);
    }

    public static VmExit Run(ref VirtualCpu cpu)
    {
        ref Vmcb vmcb = ref TPlatform.At<Vmcb>(cpu.ControlBlock);
        vmcb.Rax = cpu.Registers.Rax;
        vmcb.Rsp = cpu.Registers.Rsp;
        TPlatform.RunSvm(ref cpu.Registers, cpu.ControlBlock, HostState(cpu));
        cpu.Registers.Rax = vmcb.Rax;
        cpu.Registers.Rsp = vmcb.Rsp;
        vmcb.TlbControl = TlbControl.Nothing;

        // A nested page fault may have cut off the delivery of an event; the other exits come between instructions.
        VmExit exit = SvmExit.Read(vmcb);
        vmcb.EventInjection = exit.Kind == VmExitKind.NestedPageFault ? EventInjection.Again(vmcb.ExitIntInfo) : 0;

        // An intercepted interrupt stays pending. A non-maskable one is taken by the host's own handler, which sorts it; a
        // system-management interrupt by the firmware's, and RSM comes back here (APM vol. 2, 15.13.3 SMI Intercept).
        if (exit.Kind is VmExitKind.Nmi or VmExitKind.Smi)
            TPlatform.OpenGlobalInterruptFlag();
        return exit;
    }

    public static void LoadState(ref VirtualCpu cpu, in CpuState state, StateKind kind = StateKind.New)
    {
        // APM vol. 2, 15.21.1 "V_INTR_MASKING": with it, the host's RFLAGS.IF, which is 0, masks physical interrupts in the guest too.
        const ulong VirtualInterruptMasking = 1 << 24;
        const SvmIntercepts1 Waits = SvmIntercepts1.Pause | SvmIntercepts1.Hlt;
        ref Vmcb vmcb = ref TPlatform.At<Vmcb>(cpu.ControlBlock);
        if (kind != StateKind.Changed)
        {
            bool isService = kind == StateKind.Service;
            vmcb.VirtualInterrupt = isService ? VirtualInterruptMasking : 0;
            vmcb.ExceptionIntercepts = isService ? ServiceFaults.Mask : 0;
            vmcb.Intercepts1 = isService ? vmcb.Intercepts1 | Waits : vmcb.Intercepts1 & ~Waits;
        }
        VmcbState.Load(ref vmcb, state);
        vmcb.InterruptShadow = 0;
        vmcb.EventInjection = 0;
        vmcb.TlbControl = TlbControl.FlushAll;

        // VMRUN loads CR2 from the VMCB (APM vol. 2, 15.5.1); Bochs's does not, and a guest would see another's.
        TPlatform.WriteCr2(state.Cr2);
        cpu.Registers.Rsp = state.Rsp;
    }

    public static void SaveState(ref VirtualCpu cpu, out CpuState state) => VmcbState.Save(TPlatform.At<Vmcb>(cpu.ControlBlock), out state);

    public static void SetRip(ref VirtualCpu cpu, ulong rip)
    {
        ref Vmcb vmcb = ref TPlatform.At<Vmcb>(cpu.ControlBlock);
        vmcb.Rip = rip;
        vmcb.InterruptShadow = 0;
    }

    public static void Inject(ref VirtualCpu cpu, GuestEvent guestEvent)
        => TPlatform.At<Vmcb>(cpu.ControlBlock).EventInjection = EventInjection.Of(guestEvent);

    public static void SetNestedRoot(ref VirtualCpu cpu, HostPhysicalAddress root)
    {
        ref Vmcb vmcb = ref TPlatform.At<Vmcb>(cpu.ControlBlock);
        vmcb.NestedCr3 = root.Value;
        vmcb.TlbControl = TlbControl.FlushAll;
    }

    public static bool TryTranslate(HostPhysicalAddress root, GuestPhysicalAddress address, out HostPhysicalAddress result)
    {
        bool isMapped = NestedPageTable<NptFormat, TPlatform>.Open(root).TryTranslate(address, out Translation translation);
        result = translation.Address;
        return isMapped;
    }

    public static HiddenMsr ReadHiddenMsr(uint register, out ulong value)
    {
        // APM vol. 2, 15.30.1 VM_CR MSR: SVM is disabled and that is locked, as a firmware would leave it that offers none.
        const ulong SvmDisabledAndLocked = (1 << 4) | (1 << 3);
        value = register == Msr.VmCr ? SvmDisabledAndLocked : 0;
        return register switch
        {
            Msr.VmCr => HiddenMsr.ReadOnly,
            Msr.VmHsavePa or Msr.SvmKey => HiddenMsr.Absent,
            _ => HiddenMsr.None,
        };
    }

    /// <summary>The codes speak for themselves; what a CPU does not like in a VMCB it does not say.</summary>
    public static ReadOnlySpan<byte> Explain(ref VirtualCpu cpu, in VmExit exit)
        => exit.Kind == VmExitKind.InvalidState ? "APM vol. 2, 15.5.1: a consistency check of VMRUN failed"u8 : "APM vol. 2, appendix C"u8;

    /// <summary>The guest mode of this CPU runs the wait page; only the hypervisor's non-maskable interrupt gets it out.</summary>
    public static void WaitForStartup(ref HypervisorState hypervisor, ref VirtualCpu cpu)
    {
        CpuState state = CpuState.AfterInit(0, 0);
        state.Cs.Base = hypervisor.WaitPage.Value;
        LoadState(ref cpu, state);
    }

    /// <summary>What VMSAVE keeps of the hypervisor itself.</summary>
    private static HostPhysicalAddress HostState(in VirtualCpu cpu) => cpu.FirstVendorPage;

    /// <summary>Where VMRUN saves the host: APM vol. 2, 15.30.4 VM_HSAVE_PA MSR.</summary>
    private static HostPhysicalAddress HostSaveArea(in VirtualCpu cpu) => cpu.SecondVendorPage;
}

using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Boot.Verdict;
using Switcher.Hv.Cpu;
using Switcher.Hv.Paging;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx.Checks;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

/// <summary>
/// Intel's Virtual-Machine Extensions behind the vendor contract: SDM (publication 325462, revision 083), vol. 3, chapters 24 to 32. The
/// CPU's page <see cref="VirtualCpu.ControlBlock"/> is the VMCS, <see cref="VirtualCpu.FirstVendorPage"/> the VMXON region,
/// <see cref="VirtualCpu.SecondVendorPage"/> a <see cref="VmxCpu"/>.
/// </summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
public readonly partial struct Vmx<TPlatform> : IVirtualization
    where TPlatform : struct, IPlatform, IVmxInstructions
{
    /// <summary>INIT and SIPI cause exits.</summary>
    public static VendorGaps Gaps => VendorGaps.None;

    public static Status Check()
    {
        CpuOffer has = CpuOffer.NestedPaging | CpuOffer.UnrestrictedGuest;
        if (CpuFeatures<TPlatform>.HasVmx)
            has |= CpuOffer.Virtualization;

        // Without VMX there are no registers that describe it.
        if (CpuFeatures<TPlatform>.HasVmx && !new FeatureControl(TPlatform.ReadMsr(VmxMsr.FeatureControl)).IsLockedOff)
            has |= CpuOffer.Enabled;
        if (has != CpuOffer.All)
            return StatusText.Lacking(CpuVerdict.FirstMissing(has));
        VmxFeature missing = VmxControls.Reconcile(VmxCapabilities.Read<TPlatform>(), out _);
        if (missing.Status == Status.IncompleteVirtualization)
        {
            var line = new LogLine("ERROR this CPU's VMX lacks a feature"u8);
            line.Quoted("feature"u8, missing.Name);
            line.WriteTo<TPlatform>();
        }
        return missing.Status;
    }

    public static void InitializeMachine(ref HypervisorState hypervisor)
        => VmxMsrBitmap.Initialize(TPlatform.Bytes(hypervisor.MsrBitmap, VmxMsrBitmap.Bytes));

    public static Status EnableCpu(ref HypervisorState hypervisor, ref VirtualCpu cpu)
    {
        Status status = VmxOperation.Enter(ref cpu);
        if (status != Status.Success)
            return status;
        VmcsSetup.WriteControls(hypervisor, Own(cpu));
        VmcsSetup.WriteHostState();
        return Status.Success;
    }

    public static void DisableCpu(ref VirtualCpu cpu) => VmxOperation.Leave(ref cpu);

    public static VmExit Run(ref VirtualCpu cpu)
    {
        ref VmxCpu own = ref Own(cpu);
        Vmcs.Write(VmcsGuest.Rsp, cpu.Registers.Rsp);
        VmEntryOutcome outcome = TPlatform.RunVmx(ref cpu.Registers, own.IsLaunched);
        if (outcome == VmEntryOutcome.NotEntered)
            return default;
        if (outcome != VmEntryOutcome.Exited)
            return VmxExit.Failed(outcome);

        VmExit exit = VmxExit.Read();
        cpu.Registers.Rsp = Vmcs.Read(VmcsGuest.Rsp);
        if (exit.Kind == VmExitKind.InvalidState)
            return exit;
        own.IsLaunched = true;
        GuestEvents.AfterExit(ref own, ref cpu, ref exit);
        CarryOut(own, ref cpu, ref exit);
        return exit;
    }

    public static void LoadState(ref VirtualCpu cpu, in CpuState state, StateKind kind = StateKind.New)
    {
        ref VmxCpu own = ref Own(cpu);
        Interruptibility nmiBlocking = Vmcs.Read(VmcsGuest.Interruptibility) & Interruptibility.BlockedByNmi;
        if (kind == StateKind.Service)
            HeldInterrupts.Hold(ref own);
        if (kind != StateKind.Changed)
            GuestEvents.CloseNmiWindow(ref own);
        VmcsState.Load(own, state);
        if (kind == StateKind.New)
            GuestEvents.BeginState(ref own);
        else if (kind == StateKind.AfterService)
            HeldInterrupts.Release(ref own);
        else if (kind == StateKind.Changed)
            Vmcs.Write(VmcsGuest.Interruptibility, nmiBlocking);
        cpu.Registers.Rsp = state.Rsp;
        if (own.UsesVpid)
            TPlatform.InvalidateVpid();
    }

    public static void SaveState(ref VirtualCpu cpu, out CpuState state)
    {
        VmcsState.Save(Own(cpu), out state);
        state.Rsp = cpu.Registers.Rsp;
    }

    public static void SetRip(ref VirtualCpu cpu, ulong rip)
    {
        Vmcs.Write(VmcsGuest.Rip, rip);
        GuestEvents.AfterInstruction();
    }

    public static void Inject(ref VirtualCpu cpu, GuestEvent guestEvent) => GuestEvents.Inject(ref Own(cpu), cpu, guestEvent);

    public static void SetNestedRoot(ref VirtualCpu cpu, HostPhysicalAddress root)
    {
        // SDM vol. 3, table 25-9 "Format of Extended-Page-Table Pointer": tables in write-back memory, four levels, no accessed and dirty
        // flags.
        const ulong WriteBack = 6;
        const ulong FourLevels = 3 << 3;
        Vmcs.Write(VmcsControl.EptPointer, root.Value | WriteBack | FourLevels);
        TPlatform.InvalidateEpt();
    }

    public static bool TryTranslate(HostPhysicalAddress root, GuestPhysicalAddress address, out HostPhysicalAddress result)
    {
        bool isMapped = NestedPageTable<EptFormat, TPlatform>.Open(root).TryTranslate(address, out Translation translation);
        result = translation.Address;
        return isMapped;
    }

    /// <summary>
    /// The CPU itself waits. A start-up interrupt that comes while the CPU is still here is lost, and systems send it microseconds after
    /// INIT: so this does no more than it must. The guest's state follows when it starts.
    /// </summary>
    public static void WaitForStartup(ref HypervisorState hypervisor, ref VirtualCpu cpu)
    {
        GuestEvents.CloseNmiWindow(ref Own(cpu));
        VmcsState.LoadActivity(ActivityState.WaitForSipi);
    }

    public static HiddenMsr ReadHiddenMsr(uint register, out ulong value)
    {
        value = 0;
        if (register is >= VmxMsr.Basic and <= VmxMsr.Last)
            return HiddenMsr.Absent;
        if (register != VmxMsr.FeatureControl)
            return HiddenMsr.None;
        value = new FeatureControl(TPlatform.ReadMsr(register)).WithoutVmx.Value;
        return HiddenMsr.ReadOnly;
    }

    public static ReadOnlySpan<byte> Explain(ref VirtualCpu cpu, in VmExit exit)
    {
        if ((exit.Code & VmxExit.InstructionFailed) != 0)
            return VmxInstructionErrorText.Of((uint)exit.Code);
        var reason = (VmxExitReason)exit.Code;
        if (reason != VmxExitReason.InvalidGuestState)
            return VmxExitReasonText.Of(reason);
        VmcsState.ReadChecked(Own(cpu), out VmcsGuestState state);
        ReadOnlySpan<byte> problem = GuestStateCheck.FirstProblem(state);
        return problem.IsEmpty ? VmxExitReasonText.Of(reason) : problem;
    }

    /// <summary>What a CPU with VMX cannot leave to the guest, though it is the guest's own affair.</summary>
    private static void CarryOut(in VmxCpu own, ref VirtualCpu cpu, ref VmExit exit)
    {
        bool isGood;
        switch (exit.Kind)
        {
            case VmExitKind.ControlRegister:
                ulong eptPointer = Vmcs.Read(VmcsControl.EptPointer);
                var root = new HostPhysicalAddress(PageSize.AlignDown(eptPointer, PageSize.Small));
                isGood = ControlRegisterWrite.TryHandle(root, own, ref cpu, exit.Information, out bool isKnown);
                if (!isKnown)
                {
                    exit.Kind = VmExitKind.Unknown;
                    return;
                }
                break;
            case VmExitKind.ExtendedControlRegister:
                ulong value = (cpu.Registers.Rdx << 32) | (uint)cpu.Registers.Rax;
                isGood = TPlatform.TrySetExtendedControl((uint)cpu.Registers.Rcx, value);
                break;
            case VmExitKind.CacheInvalidation:
                // INVD would throw away what the hypervisor and the other CPUs have written.
                TPlatform.WriteBackCaches();
                isGood = true;
                break;
            default:
                return;
        }
        if (isGood)
            SetRip(ref cpu, exit.NextRip);
        else
            Inject(ref cpu, GuestEvent.GeneralProtection);
    }

    private static ref VmxCpu Own(in VirtualCpu cpu) => ref TPlatform.At<VmxCpu>(cpu.SecondVendorPage);
}

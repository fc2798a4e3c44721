using Switcher.Hv.Cpu;

namespace Switcher.Hv.Vmx;

/// <summary>Moves CPU state between its neutral form and the current VMCS, and the registers that a VMCS does not have.</summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
public static class VmcsState<TPlatform>
    where TPlatform : struct, IPlatform, IVmxInstructions
{
    private const ulong CacheBits = Cr0.CacheDisable | Cr0.NotWritethrough;

    /// <summary>Makes <paramref name="state"/> the guest's, with no event and no shadow of an instruction before.</summary>
    public static void Load(in VmxCpu cpu, in CpuState state)
    {
        LoadControlRegisters(cpu, state);
        Vmcs<TPlatform>.Write(VmcsGuest.Rip, state.Rip);
        Vmcs<TPlatform>.Write(VmcsGuest.Rsp, state.Rsp);
        Vmcs<TPlatform>.Write(VmcsGuest.Rflags, state.Rflags);
        Vmcs<TPlatform>.Write(VmcsGuest.Dr7, state.Dr7);
        Vmcs<TPlatform>.Write(VmcsGuest.DebugCtl, 0UL);
        Vmcs<TPlatform>.Write(VmcsGuest.Pat, state.Pat);
        LoadSegment(VmcsGuest.Es, state.Es);
        LoadSegment(VmcsGuest.Cs, state.Cs);
        LoadSegment(VmcsGuest.Ss, state.Ss);
        LoadSegment(VmcsGuest.Ds, state.Ds);
        LoadSegment(VmcsGuest.Fs, state.Fs);
        LoadSegment(VmcsGuest.Gs, state.Gs);
        LoadSystemSegment(VmcsGuest.Ldtr, state.Ldtr);
        LoadTaskRegister(state.Tr);
        Vmcs<TPlatform>.Write(VmcsGuest.GdtrBase, state.GdtBase);
        Vmcs<TPlatform>.Write(VmcsGuest.GdtrLimit, state.GdtLimit);
        Vmcs<TPlatform>.Write(VmcsGuest.IdtrBase, state.IdtBase);
        Vmcs<TPlatform>.Write(VmcsGuest.IdtrLimit, state.IdtLimit);
        Vmcs<TPlatform>.Write(VmcsGuest.SysenterCs, (uint)state.SysenterCs);
        Vmcs<TPlatform>.Write(VmcsGuest.SysenterEsp, state.SysenterEsp);
        Vmcs<TPlatform>.Write(VmcsGuest.SysenterEip, state.SysenterEip);
        LoadActivity(ActivityState.Active);

        TPlatform.WriteCr2(state.Cr2);
        TPlatform.WriteDr6(state.Dr6);
        TPlatform.WriteMsr(Msr.Star, state.Star);
        TPlatform.WriteMsr(Msr.LStar, state.LStar);
        TPlatform.WriteMsr(Msr.CStar, state.CStar);
        TPlatform.WriteMsr(Msr.SfMask, state.SfMask);
        TPlatform.WriteMsr(Msr.KernelGsBase, state.KernelGsBase);
    }

    /// <summary>Sets what the guest does next and takes away what an instruction or event before left over.</summary>
    public static void LoadActivity(ActivityState activity)
    {
        Vmcs<TPlatform>.Write(VmcsGuest.ActivityState, activity);
        Vmcs<TPlatform>.Write(VmcsGuest.Interruptibility, Interruptibility.None);
        Vmcs<TPlatform>.Write(VmcsGuest.PendingDebugExceptions, 0);
        Vmcs<TPlatform>.Write(VmcsControl.EntryInterruptionInformation, EventInformation.None.Value);
    }

    /// <summary>Reads the guest's state.</summary>
    public static void Save(in VmxCpu cpu, out CpuState state) => state = new CpuState
    {
        Rip = Vmcs<TPlatform>.Read(VmcsGuest.Rip),
        Rsp = Vmcs<TPlatform>.Read(VmcsGuest.Rsp),
        Rflags = Vmcs<TPlatform>.Read(VmcsGuest.Rflags),
        Cr0 = ReadCr0(cpu),
        Cr2 = TPlatform.ReadCr2(),
        Cr3 = Vmcs<TPlatform>.Read(VmcsGuest.Cr3),
        Cr4 = ReadCr4(cpu),
        Dr6 = TPlatform.ReadDr6(),
        Dr7 = Vmcs<TPlatform>.Read(VmcsGuest.Dr7),
        Efer = Vmcs<TPlatform>.Read(VmcsGuest.Efer),
        Pat = Vmcs<TPlatform>.Read(VmcsGuest.Pat),
        Es = SaveSegment(VmcsGuest.Es),
        Cs = SaveSegment(VmcsGuest.Cs),
        Ss = SaveSegment(VmcsGuest.Ss),
        Ds = SaveSegment(VmcsGuest.Ds),
        Fs = SaveSegment(VmcsGuest.Fs),
        Gs = SaveSegment(VmcsGuest.Gs),
        Ldtr = SaveSegment(VmcsGuest.Ldtr),
        Tr = SaveSegment(VmcsGuest.Tr),
        GdtBase = Vmcs<TPlatform>.Read(VmcsGuest.GdtrBase),
        GdtLimit = Vmcs<TPlatform>.Read(VmcsGuest.GdtrLimit),
        IdtBase = Vmcs<TPlatform>.Read(VmcsGuest.IdtrBase),
        IdtLimit = Vmcs<TPlatform>.Read(VmcsGuest.IdtrLimit),
        Star = TPlatform.ReadMsr(Msr.Star),
        LStar = TPlatform.ReadMsr(Msr.LStar),
        CStar = TPlatform.ReadMsr(Msr.CStar),
        SfMask = TPlatform.ReadMsr(Msr.SfMask),
        KernelGsBase = TPlatform.ReadMsr(Msr.KernelGsBase),
        SysenterCs = Vmcs<TPlatform>.Read(VmcsGuest.SysenterCs),
        SysenterEsp = Vmcs<TPlatform>.Read(VmcsGuest.SysenterEsp),
        SysenterEip = Vmcs<TPlatform>.Read(VmcsGuest.SysenterEip),
    };

    /// <summary>CR0 as the guest sees it.</summary>
    public static ulong ReadCr0(in VmxCpu cpu)
        => (Vmcs<TPlatform>.Read(VmcsGuest.Cr0) & ~cpu.Cr0Mask) | (Vmcs<TPlatform>.Read(VmcsControl.Cr0Shadow) & cpu.Cr0Mask);

    /// <summary>
    /// Gives the guest <paramref name="value"/> in CR0. CD and NW are not switched with the guest (SDM vol. 3, 27.3.2.1 "Loading Guest Control Registers,
    /// Debug Registers, and MSRs"), so they go to the CPU itself.
    /// </summary>
    public static void WriteCr0(in VmxCpu cpu, ulong value)
    {
        Vmcs<TPlatform>.Write(VmcsGuest.Cr0, cpu.Cr0.Apply(value));
        Vmcs<TPlatform>.Write(VmcsControl.Cr0Shadow, value);
        ulong own = TPlatform.ReadCr0();
        ulong wanted = (own & ~CacheBits) | (value & CacheBits);
        if (wanted != own)
            TPlatform.WriteCr0(wanted);
    }

    /// <summary>Gives the guest <paramref name="value"/> in IA32_EFER, and the CPU mode that LMA means.</summary>
    public static void WriteEfer(in VmxCpu cpu, ulong value)
    {
        Vmcs<TPlatform>.Write(VmcsGuest.Efer, value);
        bool isLong = (value & Efer.LongModeActive) != 0;
        Vmcs<TPlatform>.Write(VmcsControl.EntryControls, cpu.Controls.Entry | (isLong ? EntryControls.Ia32eModeGuest : EntryControls.None));
    }

    private static ulong ReadCr4(in VmxCpu cpu)
        => (Vmcs<TPlatform>.Read(VmcsGuest.Cr4) & ~cpu.Cr4Mask) | (Vmcs<TPlatform>.Read(VmcsControl.Cr4Shadow) & cpu.Cr4Mask);

    private static void LoadControlRegisters(in VmxCpu cpu, in CpuState state)
    {
        WriteCr0(cpu, state.Cr0);
        WriteEfer(cpu, state.Efer);
        Vmcs<TPlatform>.Write(VmcsGuest.Cr3, state.Cr3);
        Vmcs<TPlatform>.Write(VmcsGuest.Cr4, cpu.Cr4.Apply(state.Cr4));
        Vmcs<TPlatform>.Write(VmcsControl.Cr4Shadow, state.Cr4);
    }

    /// <summary>A code or data segment in a register is always "accessed": the CPU sets that when it loads one.</summary>
    private static void LoadSegment(VmcsSegment target, in SegmentRegister segment)
    {
        const uint Accessed = 1;
        Write(target, segment, segment.Attributes | Accessed);
    }

    private static void LoadSystemSegment(VmcsSegment target, in SegmentRegister segment) => Write(target, segment, segment.Attributes);

    /// <summary>The task register of a guest is usable and busy, whatever a firmware left in it: SDM vol. 3, 27.3.1.2.</summary>
    private static void LoadTaskRegister(in SegmentRegister segment)
    {
        const uint Busy = 2;
        const uint BusyTask = 0x8B;
        bool isUnusable = (segment.Attributes & SegmentRegister.Unusable) != 0;
        Write(VmcsGuest.Tr, segment, isUnusable ? BusyTask : segment.Attributes | Busy);
    }

    private static void Write(VmcsSegment target, in SegmentRegister segment, uint attributes)
    {
        bool isUnusable = (attributes & SegmentRegister.Unusable) != 0;
        Vmcs<TPlatform>.Write(target.Selector, segment.Selector);
        Vmcs<TPlatform>.Write(target.AccessRights, isUnusable ? SegmentRegister.Unusable : attributes);
        Vmcs<TPlatform>.Write(target.Limit, segment.Limit);
        Vmcs<TPlatform>.Write(target.Base, segment.Base);
    }

    private static SegmentRegister SaveSegment(VmcsSegment source) => new(
        Vmcs<TPlatform>.Read(source.Selector),
        Vmcs<TPlatform>.Read(source.AccessRights),
        Vmcs<TPlatform>.Read(source.Limit),
        Vmcs<TPlatform>.Read(source.Base));
}

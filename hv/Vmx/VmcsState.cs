using Switcher.Hv.Cpu;
using Switcher.Hv.Vmx.Checks;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

public readonly partial struct Vmx<TPlatform>
{
    /// <summary>Moves CPU state between its neutral form and the current VMCS, and the registers that a VMCS does not have.</summary>
    public static class VmcsState
    {
        private const ulong CacheBits = Cr0.CacheDisable | Cr0.NotWritethrough;

        /// <summary>Makes <paramref name="state"/> the guest's, with no event and no shadow of an instruction before.</summary>
        public static void Load(in VmxCpu cpu, in CpuState state)
        {
            LoadControlRegisters(cpu, state);
            Vmcs.Write(VmcsGuest.Rip, state.Rip);
            Vmcs.Write(VmcsGuest.Rsp, state.Rsp);
            Vmcs.Write(VmcsGuest.Rflags, state.Rflags);
            Vmcs.Write(VmcsGuest.Dr7, state.Dr7);
            Vmcs.Write(VmcsGuest.DebugCtl, 0UL);
            Vmcs.Write(VmcsGuest.Pat, state.Pat);
            LoadSegment(VmcsGuest.Es, state.Es);
            LoadSegment(VmcsGuest.Cs, state.Cs);
            LoadSegment(VmcsGuest.Ss, state.Ss);
            LoadSegment(VmcsGuest.Ds, state.Ds);
            LoadSegment(VmcsGuest.Fs, state.Fs);
            LoadSegment(VmcsGuest.Gs, state.Gs);
            LoadSystemSegment(VmcsGuest.Ldtr, state.Ldtr);
            LoadTaskRegister(state.Tr);
            Vmcs.Write(VmcsGuest.GdtrBase, state.GdtBase);
            Vmcs.Write(VmcsGuest.GdtrLimit, state.GdtLimit);
            Vmcs.Write(VmcsGuest.IdtrBase, state.IdtBase);
            Vmcs.Write(VmcsGuest.IdtrLimit, state.IdtLimit);
            Vmcs.Write(VmcsGuest.SysenterCs, (uint)state.SysenterCs);
            Vmcs.Write(VmcsGuest.SysenterEsp, state.SysenterEsp);
            Vmcs.Write(VmcsGuest.SysenterEip, state.SysenterEip);
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
            Vmcs.Write(VmcsGuest.ActivityState, activity);
            Vmcs.Write(VmcsGuest.Interruptibility, Interruptibility.None);
            Vmcs.Write(VmcsGuest.PendingDebugExceptions, 0);
            Vmcs.Write(VmcsControl.EntryInterruptionInformation, EventInformation.None.Value);
        }

        /// <summary>Reads the guest's state.</summary>
        public static void Save(in VmxCpu cpu, out CpuState state) => state = new CpuState
        {
            Rip = Vmcs.Read(VmcsGuest.Rip),
            Rsp = Vmcs.Read(VmcsGuest.Rsp),
            Rflags = Vmcs.Read(VmcsGuest.Rflags),
            Cr0 = ReadCr0(cpu),
            Cr2 = TPlatform.ReadCr2(),
            Cr3 = Vmcs.Read(VmcsGuest.Cr3),
            Cr4 = ReadCr4(cpu),
            Dr6 = TPlatform.ReadDr6(),
            Dr7 = Vmcs.Read(VmcsGuest.Dr7),
            Efer = Vmcs.Read(VmcsGuest.Efer),
            Pat = Vmcs.Read(VmcsGuest.Pat),
            Es = SaveSegment(VmcsGuest.Es),
            Cs = SaveSegment(VmcsGuest.Cs),
            Ss = SaveSegment(VmcsGuest.Ss),
            Ds = SaveSegment(VmcsGuest.Ds),
            Fs = SaveSegment(VmcsGuest.Fs),
            Gs = SaveSegment(VmcsGuest.Gs),
            Ldtr = SaveSegment(VmcsGuest.Ldtr),
            Tr = SaveSegment(VmcsGuest.Tr),
            GdtBase = Vmcs.Read(VmcsGuest.GdtrBase),
            GdtLimit = Vmcs.Read(VmcsGuest.GdtrLimit),
            IdtBase = Vmcs.Read(VmcsGuest.IdtrBase),
            IdtLimit = Vmcs.Read(VmcsGuest.IdtrLimit),
            Star = TPlatform.ReadMsr(Msr.Star),
            LStar = TPlatform.ReadMsr(Msr.LStar),
            CStar = TPlatform.ReadMsr(Msr.CStar),
            SfMask = TPlatform.ReadMsr(Msr.SfMask),
            KernelGsBase = TPlatform.ReadMsr(Msr.KernelGsBase),
            SysenterCs = Vmcs.Read(VmcsGuest.SysenterCs),
            SysenterEsp = Vmcs.Read(VmcsGuest.SysenterEsp),
            SysenterEip = Vmcs.Read(VmcsGuest.SysenterEip),
        };

        /// <summary>Reads what the CPU checks of the guest at an entry.</summary>
        public static void ReadChecked(in VmxCpu cpu, out VmcsGuestState state)
        {
            state = new VmcsGuestState
            {
                DebugCtl = Vmcs.Read(VmcsGuest.DebugCtl),
                Activity = Vmcs.Read(VmcsGuest.ActivityState),
                Interruptibility = Vmcs.Read(VmcsGuest.Interruptibility),
                PendingDebugExceptions = Vmcs.Read(VmcsGuest.PendingDebugExceptions),
                LinkPointer = Vmcs.Read(VmcsGuest.LinkPointer),
                Pdpte0 = Vmcs.Read(VmcsGuest.Pdpte0),
                Pdpte1 = Vmcs.Read(VmcsGuest.Pdpte1),
                Pdpte2 = Vmcs.Read(VmcsGuest.Pdpte2),
                Pdpte3 = Vmcs.Read(VmcsGuest.Pdpte3),
                Event = new EventInformation(Vmcs.Read(VmcsControl.EntryInterruptionInformation)),
                EntryControls = Vmcs.Read(VmcsControl.EntryControls),
                PinControls = Vmcs.Read(VmcsControl.PinControls),
                SecondaryControls = Vmcs.Read(VmcsControl.SecondaryControls),
                Cr0Fixed = cpu.Cr0,
                Cr4Fixed = cpu.Cr4,
                Miscellaneous = cpu.Miscellaneous,
                PhysicalAddressBits = cpu.PhysicalAddressBits,
            };
            Save(cpu, out state.Registers);
            state.Registers.Cr0 = Vmcs.Read(VmcsGuest.Cr0);
            state.Registers.Cr4 = Vmcs.Read(VmcsGuest.Cr4);
        }

        /// <summary>CR0 as the guest sees it.</summary>
        public static ulong ReadCr0(in VmxCpu cpu)
            => (Vmcs.Read(VmcsGuest.Cr0) & ~cpu.Cr0Mask) | (Vmcs.Read(VmcsControl.Cr0Shadow) & cpu.Cr0Mask);

        /// <summary>
        /// Gives the guest <paramref name="value"/> in CR0. CD and NW are not switched with the guest (SDM vol. 3, 27.3.2.1 "Loading Guest
        /// Control Registers, Debug Registers, and MSRs"), so they go to the CPU itself.
        /// </summary>
        public static void WriteCr0(in VmxCpu cpu, ulong value)
        {
            Vmcs.Write(VmcsGuest.Cr0, cpu.Cr0.Apply(value));
            Vmcs.Write(VmcsControl.Cr0Shadow, value);
            ulong own = TPlatform.ReadCr0();
            ulong wanted = (own & ~CacheBits) | (value & CacheBits);
            if (wanted != own)
                TPlatform.WriteCr0(wanted);
        }

        /// <summary>Gives the guest <paramref name="value"/> in IA32_EFER, and the CPU mode that LMA means.</summary>
        public static void WriteEfer(in VmxCpu cpu, ulong value)
        {
            Vmcs.Write(VmcsGuest.Efer, value);
            bool isLong = (value & Efer.LongModeActive) != 0;
            Vmcs.Write(VmcsControl.EntryControls, cpu.Controls.Entry | (isLong ? EntryControls.Ia32eModeGuest : EntryControls.None));
        }

        private static ulong ReadCr4(in VmxCpu cpu)
            => (Vmcs.Read(VmcsGuest.Cr4) & ~cpu.Cr4Mask) | (Vmcs.Read(VmcsControl.Cr4Shadow) & cpu.Cr4Mask);

        private static void LoadControlRegisters(in VmxCpu cpu, in CpuState state)
        {
            WriteCr0(cpu, state.Cr0);
            WriteEfer(cpu, state.Efer);
            Vmcs.Write(VmcsGuest.Cr3, state.Cr3);
            Vmcs.Write(VmcsGuest.Cr4, cpu.Cr4.Apply(state.Cr4));
            Vmcs.Write(VmcsControl.Cr4Shadow, state.Cr4);
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
            Vmcs.Write(target.Selector, segment.Selector);
            Vmcs.Write(target.AccessRights, isUnusable ? SegmentRegister.Unusable : attributes);
            Vmcs.Write(target.Limit, segment.Limit);
            Vmcs.Write(target.Base, segment.Base);
        }

        private static SegmentRegister SaveSegment(VmcsSegment source) => new(
            Vmcs.Read(source.Selector),
            Vmcs.Read(source.AccessRights),
            Vmcs.Read(source.Limit),
            Vmcs.Read(source.Base));
    }
}

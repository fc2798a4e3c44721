using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CsCheck;
using Switcher.Hv.Cpu;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Checks;
using Switcher.Hv.Vmx.Definitions;
using Xunit;

namespace Switcher.Tests.Hv.Vmx.Checks;

/// <summary>SDM vol. 3, 27.3.1 "Checks on the Guest State Area": each rule broken once, in a state that is good otherwise.</summary>
public class GuestStateCheckTests
{
    private static readonly EventInformation s_nmi = EventInformation.Of(GuestEvent.NonMaskableInterrupt, isProtectedMode: true);

    private delegate void Change(ref VmcsGuestState state);

    private static readonly Dictionary<string, Func<VmcsGuestState>> s_states = new()
    {
        ["long"] = () => GuestStates.LongMode,
        ["real"] = () => GuestStates.RealMode,
        ["protected"] = () => GuestStates.Protected,
        ["restricted"] = () => GuestStates.Restricted,
        ["v8086"] = () => GuestStates.Virtual8086,
    };

    private static readonly (string State, string Problem, Change Break)[] s_rules =
    [
        // 27.3.1.1 "Checks on Guest Control Registers, Debug Registers, and MSRs"
        ("long", "CR0 has a bit that IA32_VMX_CR0_FIXED0 and FIXED1 do not allow", (ref VmcsGuestState s) => s.Registers.Cr0 &= ~0x20UL),
        ("real", "CR0 has a bit that IA32_VMX_CR0_FIXED0 and FIXED1 do not allow", (ref VmcsGuestState s) => s.Registers.Cr0 |= 1UL << 32),
        ("restricted", "CR0.PE or CR0.PG is 0 without unrestricted guest", (ref VmcsGuestState s) => DropProtection(ref s, Cr0.Paging)),
        ("long", "CR0.PG is 1 while CR0.PE is 0", (ref VmcsGuestState s) => s.Registers.Cr0 &= ~Cr0.ProtectedMode),
        ("real", "CR4 has a bit that IA32_VMX_CR4_FIXED0 and FIXED1 do not allow", (ref VmcsGuestState s) => s.Registers.Cr4 = 0),
        ("long", "CR4 has a bit that IA32_VMX_CR4_FIXED0 and FIXED1 do not allow", (ref VmcsGuestState s) =>
            s.Registers.Cr4 |= Cr4.FiveLevelPaging),
        ("long", "CR4.CET is 1 while CR0.WP is 0", (ref VmcsGuestState s) => SetControlFlowEnforcement(ref s)),
        ("real", "IA-32e mode guest is 1 while CR0.PG is 0", (ref VmcsGuestState s) => s.EntryControls |= EntryControls.Ia32eModeGuest),
        ("long", "IA-32e mode guest is 1 while CR4.PAE is 0", (ref VmcsGuestState s) => s.Registers.Cr4 &= ~Cr4.PhysicalAddressExtension),
        ("protected", "CR4.PCIDE is 1 while IA-32e mode guest is 0", (ref VmcsGuestState s) =>
            s.Registers.Cr4 |= Cr4.ProcessContextIdentifiers),
        ("long", "CR3 is beyond the physical-address width", (ref VmcsGuestState s) => s.Registers.Cr3 = 1UL << 40),
        ("long", "CR3 is beyond the physical-address width", (ref VmcsGuestState s) => s.Registers.Cr3 |= 1UL << 63),
        ("long", "DR7 has a bit above 31", (ref VmcsGuestState s) => s.Registers.Dr7 |= 1UL << 32),
        ("long", "IA32_DEBUGCTL has a reserved bit", (ref VmcsGuestState s) => s.DebugCtl = 1 << 4),
        ("long", "IA32_DEBUGCTL has a reserved bit", (ref VmcsGuestState s) => s.DebugCtl = 1UL << 32),
        ("long", "IA32_SYSENTER_ESP is not canonical", (ref VmcsGuestState s) => s.Registers.SysenterEsp = 1UL << 47),
        ("long", "IA32_SYSENTER_EIP is not canonical", (ref VmcsGuestState s) => s.Registers.SysenterEip = 1UL << 63),
        ("long", "IA32_PAT has a memory type that does not exist", (ref VmcsGuestState s) => s.Registers.Pat = 2),
        ("long", "IA32_PAT has a memory type that does not exist", (ref VmcsGuestState s) => s.Registers.Pat = 3UL << 56),
        ("long", "IA32_PAT has a memory type that does not exist", (ref VmcsGuestState s) => s.Registers.Pat = 8UL << 32),
        ("long", "IA32_EFER has a reserved bit", (ref VmcsGuestState s) => s.Registers.Efer |= Efer.SecureVirtualMachineEnable),
        ("long", "IA32_EFER.LMA differs from IA-32e mode guest", (ref VmcsGuestState s) => s.Registers.Efer &= ~Efer.LongModeActive),
        ("real", "IA32_EFER.LMA differs from IA-32e mode guest", (ref VmcsGuestState s) => s.Registers.Efer = Efer.LongModeActive),
        ("long", "IA32_EFER.LME differs from LMA while CR0.PG is 1", (ref VmcsGuestState s) => s.Registers.Efer &= ~Efer.LongModeEnable),
        ("protected", "IA32_EFER.LME differs from LMA while CR0.PG is 1", (ref VmcsGuestState s) =>
            s.Registers.Efer |= Efer.LongModeEnable),

        // 27.3.1.2 "Checks on Guest Segment Registers"
        ("long", "TR is unusable", (ref VmcsGuestState s) => s.Registers.Tr.Attributes |= SegmentRegister.Unusable),
        ("long", "TR selector points to the LDT", (ref VmcsGuestState s) => s.Registers.Tr.Selector |= 4),
        ("long", "TR base is not canonical", (ref VmcsGuestState s) => s.Registers.Tr.Base = 1UL << 48),
        ("long", "TR is not a busy, present task state segment", (ref VmcsGuestState s) => s.Registers.Tr.Attributes = 0x83),
        ("protected", "TR is not a busy, present task state segment", (ref VmcsGuestState s) => s.Registers.Tr.Attributes = 0x89),
        ("protected", "TR is not a busy, present task state segment", (ref VmcsGuestState s) => s.Registers.Tr.Attributes = 0x0B),
        ("protected", "TR is not a busy, present task state segment", (ref VmcsGuestState s) => s.Registers.Tr.Attributes |= 0x10),
        ("protected", "TR is not a busy, present task state segment", (ref VmcsGuestState s) => s.Registers.Tr.Attributes |= 0x100),
        ("protected", "TR is not a busy, present task state segment", (ref VmcsGuestState s) => s.Registers.Tr.Limit = 0x10_0000),
        ("protected", "LDTR selector points to the LDT", (ref VmcsGuestState s) => s.Registers.Ldtr.Selector |= 4),
        ("protected", "LDTR base is not canonical", (ref VmcsGuestState s) => s.Registers.Ldtr.Base = 1UL << 48),
        ("protected", "LDTR is usable and not a present LDT", (ref VmcsGuestState s) => s.Registers.Ldtr.Attributes = 0x8B),
        ("protected", "LDTR is usable and not a present LDT", (ref VmcsGuestState s) => s.Registers.Ldtr.Attributes = 0x02),
        ("real", "CS is unusable", (ref VmcsGuestState s) => s.Registers.Cs.Attributes |= SegmentRegister.Unusable),
        ("long", "CS is not accessed code, nor data of an unrestricted guest", (ref VmcsGuestState s) =>
            s.Registers.Cs.Attributes = 0xA09A),
        ("restricted", "CS is not accessed code, nor data of an unrestricted guest", (ref VmcsGuestState s) =>
            s.Registers.Cs.Attributes = 0xC0F3),
        ("long", "CS base is above 4 GiB", (ref VmcsGuestState s) => s.Registers.Cs.Base = 1UL << 32),
        ("long", "CS is not a present code segment", (ref VmcsGuestState s) => s.Registers.Cs.Attributes &= ~0x80u),
        ("long", "CS is not a present code segment", (ref VmcsGuestState s) => s.Registers.Cs.Attributes &= ~0x10u),
        ("long", "CS is not a present code segment", (ref VmcsGuestState s) => s.Registers.Cs.Attributes |= 0x400),
        ("real", "CS is not a present code segment", (ref VmcsGuestState s) => s.Registers.Cs.Attributes |= 1u << 20),
        ("real", "CS is data and its DPL is not 0", (ref VmcsGuestState s) => s.Registers.Cs.Attributes = 0xF3),
        ("protected", "CS.DPL does not fit SS.DPL", (ref VmcsGuestState s) => s.Registers.Cs.Attributes |= 0x60),
        ("protected", "CS.DPL does not fit SS.DPL", (ref VmcsGuestState s) => s.Registers.Cs.Attributes |= 0x64),
        ("long", "CS.L and CS.D are both 1", (ref VmcsGuestState s) => s.Registers.Cs.Attributes |= 0x4000),
        ("real", "CS limit does not fit its granularity", (ref VmcsGuestState s) => s.Registers.Cs.Limit = 0xFFFF_FFFF),
        ("long", "CS limit does not fit its granularity", (ref VmcsGuestState s) => s.Registers.Cs.Limit = 0xFFFF_F000),
        ("restricted", "SS.RPL differs from CS.RPL", (ref VmcsGuestState s) => s.Registers.Ss.Selector ^= 1),
        ("restricted", "SS.DPL differs from SS.RPL", (ref VmcsGuestState s) => LowerBoth(ref s)),
        ("real", "SS.DPL is not 0 in real mode", (ref VmcsGuestState s) => RaiseBoth(ref s)),
        ("protected", "SS is usable and not accessed, writable data", (ref VmcsGuestState s) => s.Registers.Ss.Attributes = 0xC091),
        ("protected", "SS is usable and its base is above 4 GiB", (ref VmcsGuestState s) => s.Registers.Ss.Base = 1UL << 32),
        ("protected", "SS is usable and not a present data segment", (ref VmcsGuestState s) => s.Registers.Ss.Attributes &= ~0x80u),
        ("protected", "SS limit does not fit its granularity", (ref VmcsGuestState s) => s.Registers.Ss.Limit = 0xFFFF_0000),
        ("protected", "DS is usable and its base is above 4 GiB", (ref VmcsGuestState s) => s.Registers.Ds.Base = 1UL << 32),
        ("protected", "DS is usable and no accessed, readable, present segment", (ref VmcsGuestState s) =>
            s.Registers.Ds.Attributes &= ~1u),
        ("protected", "DS is usable and no accessed, readable, present segment", (ref VmcsGuestState s) =>
            s.Registers.Ds.Attributes = 0xC099),
        ("protected", "ES is usable and its base is above 4 GiB", (ref VmcsGuestState s) => s.Registers.Es.Base = 1UL << 32),
        ("restricted", "ES is usable and no accessed, readable, present segment", (ref VmcsGuestState s) =>
            s.Registers.Es.Attributes &= ~0x60u),
        ("long", "FS base is not canonical", (ref VmcsGuestState s) => s.Registers.Fs.Base = 1UL << 47),
        ("protected", "FS is usable and no accessed, readable, present segment", (ref VmcsGuestState s) =>
            s.Registers.Fs.Limit = 0xFFFF_0FFE),
        ("long", "GS base is not canonical", (ref VmcsGuestState s) => s.Registers.Gs.Base = 0xFF00_0000_0000_0000),
        ("real", "GS is usable and no accessed, readable, present segment", (ref VmcsGuestState s) => s.Registers.Gs.Attributes &= ~0x80u),
        ("v8086", V8086, (ref VmcsGuestState s) => s.Registers.Cs.Base++),
        ("v8086", V8086, (ref VmcsGuestState s) => s.Registers.Ss.Limit = 0xFFFE),
        ("v8086", V8086, (ref VmcsGuestState s) => s.Registers.Ds.Attributes = 0x93),
        ("v8086", V8086, (ref VmcsGuestState s) => s.Registers.Es.Selector++),
        ("v8086", V8086, (ref VmcsGuestState s) => s.Registers.Fs.Base = 0),
        ("v8086", V8086, (ref VmcsGuestState s) => s.Registers.Gs.Attributes = 0x1_00F3),

        // 27.3.1.3 "Checks on Guest Descriptor-Table Registers"
        ("long", "GDTR base is not canonical", (ref VmcsGuestState s) => s.Registers.GdtBase = 1UL << 47),
        ("long", "IDTR base is not canonical", (ref VmcsGuestState s) => s.Registers.IdtBase = 1UL << 47),
        ("long", "GDTR limit has a bit above 15", (ref VmcsGuestState s) => s.Registers.GdtLimit = 0x1_0000),
        ("real", "IDTR limit has a bit above 15", (ref VmcsGuestState s) => s.Registers.IdtLimit = 0x1_0000),

        // 27.3.1.4 "Checks on Guest RIP, RFLAGS, and SSP"
        ("protected", "RIP is above 4 GiB outside 64-bit code", (ref VmcsGuestState s) => s.Registers.Rip = 1UL << 32),
        ("long", "RIP is not canonical", (ref VmcsGuestState s) => s.Registers.Rip = 1UL << 47),
        ("long", "RFLAGS has a reserved bit", (ref VmcsGuestState s) => s.Registers.Rflags |= 1 << 3),
        ("long", "RFLAGS has a reserved bit", (ref VmcsGuestState s) => s.Registers.Rflags |= 1UL << 22),
        ("real", "RFLAGS bit 1 is 0", (ref VmcsGuestState s) => s.Registers.Rflags = 0),
        ("long", "RFLAGS.VM is 1 in IA-32e mode or while CR0.PE is 0", (ref VmcsGuestState s) => TurnVirtual8086(ref s)),
        ("real", "RFLAGS.VM is 1 in IA-32e mode or while CR0.PE is 0", (ref VmcsGuestState s) => TurnVirtual8086(ref s)),
        ("real", "RFLAGS.IF is 0 while an external interrupt is injected", (ref VmcsGuestState s) => s.Event = Interrupt),

        // 27.3.1.5 "Checks on Guest Non-Register State"
        ("long", "the activity state does not exist", (ref VmcsGuestState s) => s.Activity = (ActivityState)4),
        ("long", "the activity state is one that this CPU does not support", (ref VmcsGuestState s) =>
            Forget(ref s, ActivityState.Halted, 6)),
        ("long", "the activity state is one that this CPU does not support", (ref VmcsGuestState s) =>
            Forget(ref s, ActivityState.Shutdown, 7)),
        ("long", "the activity state is one that this CPU does not support", (ref VmcsGuestState s) =>
            Forget(ref s, ActivityState.WaitForSipi, 8)),
        ("restricted", "the activity state is HLT while SS.DPL is not 0", (ref VmcsGuestState s) => s.Activity = ActivityState.Halted),
        ("long", "blocking by STI or MOV SS while the activity state is not active",
            (ref VmcsGuestState s) => Shadow(ref s, ActivityState.Halted, Interruptibility.BlockedBySti)),
        ("long", "an event is injected while the activity state is wait-for-SIPI",
            (ref VmcsGuestState s) => Inject(ref s, ActivityState.WaitForSipi, s_nmi)),
        ("long", "an event is injected while the activity state is shutdown", (ref VmcsGuestState s) =>
            Inject(ref s, ActivityState.Shutdown, Interrupt)),
        ("long", "an event is injected that does not end the activity state HLT",
            (ref VmcsGuestState s) => Inject(ref s, ActivityState.Halted, new EventInformation(0x8000_0B0D))),
        ("long", "an event is injected that does not end the activity state HLT",
            (ref VmcsGuestState s) => Inject(ref s, ActivityState.Halted, new EventInformation(0x8000_0480))),
        ("long", "the interruptibility state has a reserved bit", (ref VmcsGuestState s) => s.Interruptibility = (Interruptibility)0x20),
        ("long", "blocking by STI and by MOV SS at once", (ref VmcsGuestState s) => s.Interruptibility = (Interruptibility)3),
        ("real", "blocking by STI while RFLAGS.IF is 0", (ref VmcsGuestState s) => s.Interruptibility = Interruptibility.BlockedBySti),
        ("long", "an external interrupt is injected while STI or MOV SS blocks it", (ref VmcsGuestState s) => Block(ref s, Interrupt, 1)),
        ("long", "an NMI is injected while STI or MOV SS blocks it", (ref VmcsGuestState s) => Block(ref s, s_nmi, 2)),
        ("long", "blocking by SMI outside system-management mode", (ref VmcsGuestState s) =>
            s.Interruptibility = Interruptibility.BlockedBySmi),
        ("long", "an NMI is injected while an NMI blocks it", (ref VmcsGuestState s) => Block(ref s, s_nmi, 8)),
        ("long", "pending debug exceptions has a reserved bit", (ref VmcsGuestState s) => s.PendingDebugExceptions = 1 << 4),
        ("long", "pending debug exceptions BS does not fit RFLAGS.TF and IA32_DEBUGCTL.BTF",
            (ref VmcsGuestState s) => Step(ref s, Interruptibility.BlockedBySti, isPending: false)),
        ("long", "pending debug exceptions BS does not fit RFLAGS.TF and IA32_DEBUGCTL.BTF", (ref VmcsGuestState s) => StepByBranch(ref s)),
        ("long", "the VMCS link pointer is not FFFFFFFF_FFFFFFFFh", (ref VmcsGuestState s) => s.LinkPointer = 0),

        // 27.3.1.6 "Checks on Guest Page-Directory-Pointer-Table Entries"
        ("protected", "a PDPTE has a reserved bit", (ref VmcsGuestState s) => s.Pdpte0 |= 2),
        ("protected", "a PDPTE has a reserved bit", (ref VmcsGuestState s) => s.Pdpte1 = 0x101),
        ("protected", "a PDPTE has a reserved bit", (ref VmcsGuestState s) => s.Pdpte2 |= 1UL << 40),
        ("protected", "a PDPTE has a reserved bit", (ref VmcsGuestState s) => s.Pdpte3 |= 1UL << 63),
    ];

    private const string V8086 = "a segment is not of virtual-8086 form: base 16 times the selector, limit FFFFh, access rights F3h";

    private static EventInformation Interrupt => new(0x8000_0030);

    public static TheoryData<string> States() => [.. s_states.Keys];

    public static TheoryData<int, string> Rules()
    {
        var data = new TheoryData<int, string>();
        for (int i = 0; i < s_rules.Length; i++)
            data.Add(i, s_rules[i].Problem);
        return data;
    }

    [Theory]
    [MemberData(nameof(States))]
    public void FirstProblem_GoodState_HasNone(string name) => Assert.Equal("", ProblemOf(s_states[name]()));

    [Theory]
    [MemberData(nameof(Rules))]
    public void FirstProblem_OneRuleBroken_NamesIt(int index, string problem)
    {
        (string name, _, Change change) = s_rules[index];
        VmcsGuestState state = s_states[name]();
        change(ref state);
        Assert.Equal(problem, ProblemOf(state));
    }

    /// <summary>What is allowed though it looks odd.</summary>
    [Fact]
    public void FirstProblem_OddButGood_HasNone()
    {
        VmcsGuestState state = GuestStates.LongMode;
        state.Interruptibility = Interruptibility.BlockedByMovSs;
        state.Cr4Fixed = new FixedBits(0x2000, 0x77_27FF);
        state.DebugCtl = 0xFFC7;
        state.PhysicalAddressBits = 52;
        state.Registers.Cr3 = (1UL << 52) - 0x1000;
        Assert.Equal("", ProblemOf(state));

        state = GuestStates.LongMode;
        state.Activity = ActivityState.WaitForSipi;
        Assert.Equal("", ProblemOf(state));

        state = GuestStates.LongMode;
        Inject(ref state, ActivityState.Shutdown, s_nmi);
        Assert.Equal("", ProblemOf(state));

        foreach (uint wakes in new[] { 0x8000_0030, 0x8000_0202, 0x8000_0301, 0x8000_0312 })
        {
            state = GuestStates.LongMode;
            Inject(ref state, ActivityState.Halted, new EventInformation(wakes));
            Assert.Equal("", ProblemOf(state));
        }

        // The selectors of real mode have any low bits, and an entry that is not present may be anything.
        state = GuestStates.RealMode;
        state.Registers.Cs = new SegmentRegister(0x991F, 0x93, 0xFFFF, 0x9_91F0);
        Assert.Equal("", ProblemOf(state));
        state = GuestStates.Protected;
        state.Pdpte1 = 0xFFFF_FFFF_FFFF_FFFE;
        Assert.Equal("", ProblemOf(state));
    }

    /// <summary>Without the control that loads a field, nothing is checked of it.</summary>
    [Fact]
    public void FirstProblem_FieldThatIsNotLoaded_IsNotChecked()
    {
        VmcsGuestState state = GuestStates.LongMode;
        state.EntryControls = EntryControls.Ia32eModeGuest;
        state.Registers.Dr7 = state.DebugCtl = state.Registers.Pat = state.Registers.Efer = ulong.MaxValue;
        Assert.Equal("", ProblemOf(state));
    }

    /// <summary>
    /// Whatever one field of a good state is changed to, the check comes to an end, and what it says concerns that field's kind.
    /// </summary>
    [Fact]
    public void FirstProblem_OneBitOfAControlRegisterFlipped_ConcernsModesOrThatRegister() =>
        Gen.Select(Gen.Int[0, s_states.Count - 1], Gen.Int[0, 63], Gen.Int[0, 4]).Sample((number, bit, field) =>
        {
            VmcsGuestState state = s_states.ElementAt(number).Value();
            ref ulong register = ref field == 0 ? ref state.Registers.Cr0 : ref field == 1 ? ref state.Registers.Cr4
                : ref field == 2 ? ref state.Registers.Cr3
                : ref field == 3 ? ref state.Registers.Efer : ref state.Registers.Rflags;
            register ^= 1UL << bit;
            string problem = ProblemOf(state);
            bool isExpected = problem.Length == 0 || field switch
            {
                2 => problem.StartsWith("CR3", StringComparison.Ordinal) && bit >= 40,
                3 => problem.Contains("EFER", StringComparison.Ordinal),
                4 => problem.Contains("RFLAGS", StringComparison.Ordinal) || problem == V8086 || bit == 17,
                _ => true,
            };
            return isExpected && (problem.Length != 0 || !IsSurelyBad(field, bit));
        });

    private static bool IsSurelyBad(int field, int bit) => field switch
    {
        0 => bit >= 32,
        1 => bit >= 22 || bit == 13,
        2 => bit >= 40,
        3 => bit is not (0 or 8 or 10 or 11),
        _ => bit is 1 or 3 or 5 or 15 or >= 22,
    };

    private static string ProblemOf(in VmcsGuestState state) => Encoding.ASCII.GetString(GuestStateCheck.FirstProblem(state));

    private static void DropProtection(ref VmcsGuestState state, ulong bit)
    {
        state.Registers.Cr0 &= ~bit;
        state.Cr0Fixed = new FixedBits(0x20, 0xFFFF_FFFF);
    }

    private static void SetControlFlowEnforcement(ref VmcsGuestState state)
    {
        state.Cr4Fixed = new FixedBits(0x2000, 0xFF_27FF);
        state.Registers.Cr4 |= Cr4.ControlFlowEnforcement;
        state.Registers.Cr0 &= ~Cr0.WriteProtect;
    }

    private static void LowerBoth(ref VmcsGuestState state)
    {
        state.Registers.Ss.Selector &= 0xFFFC;
        state.Registers.Cs.Selector &= 0xFFFC;
    }

    private static void RaiseBoth(ref VmcsGuestState state)
    {
        state.Registers.Ss.Attributes |= 0x60;
        state.Registers.Cs.Attributes |= 0x60;
    }

    private static void TurnVirtual8086(ref VmcsGuestState state)
    {
        state.Registers.Rflags |= Rflags.Virtual8086;
        state.Registers.Cs = new SegmentRegister(0xF000, 0xF3, 0xFFFF, 0xF_0000);
        ref CpuState registers = ref state.Registers;
        registers.Ss = registers.Ds = registers.Es = registers.Fs = registers.Gs = new SegmentRegister(0, 0xF3, 0xFFFF, 0);
        state.Registers.Rip = 0;
    }

    private static void Forget(ref VmcsGuestState state, ActivityState activity, int bit)
    {
        state.Activity = activity;
        state.Miscellaneous &= ~(1UL << bit);
    }

    private static void Shadow(ref VmcsGuestState state, ActivityState activity, Interruptibility blocking)
    {
        state.Activity = activity;
        state.Interruptibility = blocking;
    }

    private static void Inject(ref VmcsGuestState state, ActivityState activity, EventInformation what)
    {
        state.Activity = activity;
        state.Event = what;
    }

    private static void Block(ref VmcsGuestState state, EventInformation what, uint blocking)
    {
        state.Event = what;
        state.Interruptibility = (Interruptibility)blocking;
    }

    private static void Step(ref VmcsGuestState state, Interruptibility blocking, bool isPending)
    {
        state.Registers.Rflags |= Rflags.Trap;
        state.Interruptibility = blocking;
        state.PendingDebugExceptions = isPending ? 1UL << 14 : 0;
    }

    private static void StepByBranch(ref VmcsGuestState state)
    {
        Step(ref state, Interruptibility.BlockedBySti, isPending: true);
        state.DebugCtl = 2;
    }
}

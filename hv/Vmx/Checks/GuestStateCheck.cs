using System;
using Switcher.Hv.Cpu;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx.Checks;

/// <summary>
/// Finds out why a CPU refused a guest's state: the checks of SDM vol. 3, 27.3.1 "Checks on the Guest State Area", in the manual's order.
/// The CPU itself says no more than that one of them failed.
/// </summary>
public static class GuestStateCheck
{
    private const ulong EferBits = Efer.SystemCallExtensions | Efer.LongModeEnable | Efer.LongModeActive | Efer.NoExecuteEnable;

    /// <summary>The first check that fails, in words, or nothing.</summary>
    public static ReadOnlySpan<byte> FirstProblem(scoped in VmcsGuestState state)
    {
        ReadOnlySpan<byte> problem = ControlRegisters(state);
        if (problem.IsEmpty)
            problem = Msrs(state);
        if (problem.IsEmpty)
            problem = GuestSegmentCheck.FirstProblem(state);
        if (problem.IsEmpty)
            problem = Tables(state);
        if (problem.IsEmpty)
            problem = RipAndFlags(state);
        if (problem.IsEmpty)
            problem = GuestActivityCheck.FirstProblem(state);
        return problem.IsEmpty ? Pdptes(state) : problem;
    }

    /// <summary>27.3.1.1 "Checks on Guest Control Registers, Debug Registers, and MSRs", the registers.</summary>
    private static ReadOnlySpan<byte> ControlRegisters(scoped in VmcsGuestState state)
    {
        if (state.Cr0Fixed.Apply(state.Registers.Cr0) != state.Registers.Cr0)
            return "CR0 has a bit that IA32_VMX_CR0_FIXED0 and FIXED1 do not allow"u8;
        if (!state.IsUnrestricted && !(state.IsProtected && state.IsPaging))
            return "CR0.PE or CR0.PG is 0 without unrestricted guest"u8;
        if (state.IsPaging && !state.IsProtected)
            return "CR0.PG is 1 while CR0.PE is 0"u8;
        if (state.Cr4Fixed.Apply(state.Registers.Cr4) != state.Registers.Cr4)
            return "CR4 has a bit that IA32_VMX_CR4_FIXED0 and FIXED1 do not allow"u8;
        if ((state.Registers.Cr4 & Cr4.ControlFlowEnforcement) != 0 && (state.Registers.Cr0 & Cr0.WriteProtect) == 0)
            return "CR4.CET is 1 while CR0.WP is 0"u8;
        if (state.IsIa32e && !state.IsPaging)
            return "IA-32e mode guest is 1 while CR0.PG is 0"u8;
        if (state.IsIa32e && (state.Registers.Cr4 & Cr4.PhysicalAddressExtension) == 0)
            return "IA-32e mode guest is 1 while CR4.PAE is 0"u8;
        if (!state.IsIa32e && (state.Registers.Cr4 & Cr4.ProcessContextIdentifiers) != 0)
            return "CR4.PCIDE is 1 while IA-32e mode guest is 0"u8;
        if (state.Registers.Cr3 >> state.PhysicalAddressBits != 0)
            return "CR3 is beyond the physical-address width"u8;
        if ((state.EntryControls & EntryControls.LoadDebugControls) != 0 && state.Registers.Dr7 > uint.MaxValue)
            return "DR7 has a bit above 31"u8;
        return default;
    }

    /// <summary>27.3.1.1, the MSRs.</summary>
    private static ReadOnlySpan<byte> Msrs(scoped in VmcsGuestState state)
    {
        // Bits that some CPU has: bus-lock detection (2) and the uncore's interrupt (13) are rare.
        const ulong DebugCtlReserved = ~0xFFC7UL;
        if ((state.EntryControls & EntryControls.LoadDebugControls) != 0 && (state.DebugCtl & DebugCtlReserved) != 0)
            return "IA32_DEBUGCTL has a reserved bit"u8;
        if (!IsCanonical(state.Registers.SysenterEsp))
            return "IA32_SYSENTER_ESP is not canonical"u8;
        if (!IsCanonical(state.Registers.SysenterEip))
            return "IA32_SYSENTER_EIP is not canonical"u8;
        if ((state.EntryControls & EntryControls.LoadPat) != 0 && !IsPat(state.Registers.Pat))
            return "IA32_PAT has a memory type that does not exist"u8;
        if ((state.EntryControls & EntryControls.LoadEfer) == 0)
            return default;
        if ((state.Registers.Efer & ~EferBits) != 0)
            return "IA32_EFER has a reserved bit"u8;
        bool isActive = (state.Registers.Efer & Efer.LongModeActive) != 0;
        if (isActive != state.IsIa32e)
            return "IA32_EFER.LMA differs from IA-32e mode guest"u8;
        if (state.IsPaging && isActive != ((state.Registers.Efer & Efer.LongModeEnable) != 0))
            return "IA32_EFER.LME differs from LMA while CR0.PG is 1"u8;
        return default;
    }

    /// <summary>27.3.1.3 "Checks on Guest Descriptor-Table Registers".</summary>
    private static ReadOnlySpan<byte> Tables(scoped in VmcsGuestState state)
    {
        if (!IsCanonical(state.Registers.GdtBase))
            return "GDTR base is not canonical"u8;
        if (!IsCanonical(state.Registers.IdtBase))
            return "IDTR base is not canonical"u8;
        if (state.Registers.GdtLimit > 0xFFFF)
            return "GDTR limit has a bit above 15"u8;
        return state.Registers.IdtLimit > 0xFFFF ? "IDTR limit has a bit above 15"u8 : default;
    }

    /// <summary>27.3.1.4 "Checks on Guest RIP, RFLAGS, and SSP".</summary>
    private static ReadOnlySpan<byte> RipAndFlags(scoped in VmcsGuestState state)
    {
        const ulong Reserved = 0xFFFF_FFFF_FFC0_8028;
        if (!(state.IsIa32e && state.Registers.Cs.IsLong) && state.Registers.Rip > uint.MaxValue)
            return "RIP is above 4 GiB outside 64-bit code"u8;
        if (!IsCanonical(state.Registers.Rip))
            return "RIP is not canonical"u8;
        if ((state.Registers.Rflags & Reserved) != 0)
            return "RFLAGS has a reserved bit"u8;
        if ((state.Registers.Rflags & Rflags.AlwaysOne) == 0)
            return "RFLAGS bit 1 is 0"u8;
        if (state.IsVirtual8086 && (state.IsIa32e || !state.IsProtected))
            return "RFLAGS.VM is 1 in IA-32e mode or while CR0.PE is 0"u8;
        return state.Event.IsExternalInterrupt && (state.Registers.Rflags & Rflags.Interrupt) == 0
            ? "RFLAGS.IF is 0 while an external interrupt is injected"u8
            : default;
    }

    /// <summary>27.3.1.6 "Checks on Guest Page-Directory-Pointer-Table Entries".</summary>
    private static ReadOnlySpan<byte> Pdptes(scoped in VmcsGuestState state)
    {
        if (!state.IsPaging || state.IsIa32e || (state.Registers.Cr4 & Cr4.PhysicalAddressExtension) == 0)
            return default;
        int bits = state.PhysicalAddressBits;
        bool isGood = PdpteCheck.IsValid(state.Pdpte0, bits) && PdpteCheck.IsValid(state.Pdpte1, bits)
            && PdpteCheck.IsValid(state.Pdpte2, bits) && PdpteCheck.IsValid(state.Pdpte3, bits);
        return isGood ? default : "a PDPTE has a reserved bit"u8;
    }

    /// <summary>With 48 bits of linear address, which every CPU takes.</summary>
    internal static bool IsCanonical(ulong address) => (ulong)((long)(address << 16) >> 16) == address;

    private static bool IsPat(ulong value)
    {
        for (int shift = 0; shift < 64; shift += 8)
        {
            if (((value >> shift) & 0xFF) is 2 or 3 or > 7)
                return false;
        }
        return true;
    }
}

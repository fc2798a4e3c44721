using System;
using Switcher.Hv.Cpu;

namespace Switcher.Hv.Vmx.Checks;

/// <summary>SDM vol. 3, 27.3.1.2 "Checks on Guest Segment Registers".</summary>
public static class GuestSegmentCheck
{
    public static ReadOnlySpan<byte> FirstProblem(scoped in VmcsGuestState state)
    {
        ReadOnlySpan<byte> problem = SystemSegments(state);
        if (!problem.IsEmpty)
            return problem;
        if (state.IsVirtual8086)
            return Virtual8086(state);
        problem = Code(state);
        if (problem.IsEmpty)
            problem = Stack(state);
        if (problem.IsEmpty && IsBaseHigh(state.Registers.Ds))
            problem = "DS is usable and its base is above 4 GiB"u8;
        if (problem.IsEmpty && !IsGoodData(state, state.Registers.Ds))
            problem = "DS is usable and no accessed, readable, present segment"u8;
        if (problem.IsEmpty && IsBaseHigh(state.Registers.Es))
            problem = "ES is usable and its base is above 4 GiB"u8;
        if (problem.IsEmpty && !IsGoodData(state, state.Registers.Es))
            problem = "ES is usable and no accessed, readable, present segment"u8;
        if (problem.IsEmpty && !GuestStateCheck.IsCanonical(state.Registers.Fs.Base))
            problem = "FS base is not canonical"u8;
        if (problem.IsEmpty && !IsGoodData(state, state.Registers.Fs))
            problem = "FS is usable and no accessed, readable, present segment"u8;
        if (problem.IsEmpty && !GuestStateCheck.IsCanonical(state.Registers.Gs.Base))
            problem = "GS base is not canonical"u8;
        if (problem.IsEmpty && !IsGoodData(state, state.Registers.Gs))
            problem = "GS is usable and no accessed, readable, present segment"u8;
        return problem;
    }

    private static ReadOnlySpan<byte> Code(scoped in VmcsGuestState state)
    {
        const uint ReadWriteData = 3;
        SegmentRegister cs = state.Registers.Cs;
        uint type = TypeOf(cs);
        bool isCode = (type & 9) == 9;
        bool isRealModeCode = type == ReadWriteData && state.IsUnrestricted;
        if (IsUnusable(cs))
            return "CS is unusable"u8;
        if (!isCode && !isRealModeCode)
            return "CS is not accessed code, nor data of an unrestricted guest"u8;
        if (cs.Base > uint.MaxValue)
            return "CS base is above 4 GiB"u8;
        if (!IsMemorySegment(cs))
            return "CS is not a present code segment"u8;
        if (!isCode && PrivilegeOf(cs) != 0)
            return "CS is data and its DPL is not 0"u8;
        bool isConforming = (type & 4) != 0;
        uint stackPrivilege = PrivilegeOf(state.Registers.Ss);
        if (isCode && (isConforming ? PrivilegeOf(cs) > stackPrivilege : PrivilegeOf(cs) != stackPrivilege))
            return "CS.DPL does not fit SS.DPL"u8;
        if (state.IsIa32e && cs.IsLong && cs.IsDefaultBig)
            return "CS.L and CS.D are both 1"u8;
        return IsLimitConsistent(cs) ? default : "CS limit does not fit its granularity"u8;
    }

    private static ReadOnlySpan<byte> Stack(scoped in VmcsGuestState state)
    {
        SegmentRegister ss = state.Registers.Ss;
        if (!state.IsUnrestricted && ((ss.Selector ^ state.Registers.Cs.Selector) & 3) != 0)
            return "SS.RPL differs from CS.RPL"u8;
        if (!state.IsUnrestricted && PrivilegeOf(ss) != (uint)(ss.Selector & 3))
            return "SS.DPL differs from SS.RPL"u8;
        if ((!state.IsProtected || TypeOf(state.Registers.Cs) == 3) && PrivilegeOf(ss) != 0)
            return "SS.DPL is not 0 in real mode"u8;
        if (IsUnusable(ss))
            return default;
        if (TypeOf(ss) is not (3 or 7))
            return "SS is usable and not accessed, writable data"u8;
        if (ss.Base > uint.MaxValue)
            return "SS is usable and its base is above 4 GiB"u8;
        if (!IsMemorySegment(ss))
            return "SS is usable and not a present data segment"u8;
        return IsLimitConsistent(ss) ? default : "SS limit does not fit its granularity"u8;
    }

    private static bool IsUnusable(in SegmentRegister segment) => (segment.Attributes & SegmentRegister.Unusable) != 0;

    private static bool IsBaseHigh(in SegmentRegister segment) => !IsUnusable(segment) && segment.Base > uint.MaxValue;

    private static bool IsGoodData(in VmcsGuestState state, in SegmentRegister segment)
    {
        const uint LastNonConforming = 11;
        uint type = TypeOf(segment);
        bool isReadable = (type & 1) != 0 && ((type & 8) == 0 || (type & 2) != 0);
        bool isPrivileged = state.IsUnrestricted || type > LastNonConforming || PrivilegeOf(segment) >= (uint)(segment.Selector & 3);
        return IsUnusable(segment) || (isReadable && isPrivileged && IsMemorySegment(segment) && IsLimitConsistent(segment));
    }

    private static ReadOnlySpan<byte> Virtual8086(scoped in VmcsGuestState state)
        => IsVirtual8086(state.Registers.Cs) && IsVirtual8086(state.Registers.Ss) && IsVirtual8086(state.Registers.Ds)
            && IsVirtual8086(state.Registers.Es) && IsVirtual8086(state.Registers.Fs) && IsVirtual8086(state.Registers.Gs)
            ? default
            : "a segment is not of virtual-8086 form: base 16 times the selector, limit FFFFh, access rights F3h"u8;

    private static ReadOnlySpan<byte> SystemSegments(scoped in VmcsGuestState state)
    {
        const uint TableIndicator = 4;
        SegmentRegister tr = state.Registers.Tr;
        if (IsUnusable(tr))
            return "TR is unusable"u8;
        if ((tr.Selector & TableIndicator) != 0)
            return "TR selector points to the LDT"u8;
        if (!GuestStateCheck.IsCanonical(tr.Base))
            return "TR base is not canonical"u8;
        if (!(TypeOf(tr) == 11 || (TypeOf(tr) == 3 && !state.IsIa32e)) || !IsSystemSegment(tr) || !IsLimitConsistent(tr))
            return "TR is not a busy, present task state segment"u8;
        SegmentRegister ldtr = state.Registers.Ldtr;
        if (IsUnusable(ldtr))
            return default;
        if ((ldtr.Selector & TableIndicator) != 0)
            return "LDTR selector points to the LDT"u8;
        if (!GuestStateCheck.IsCanonical(ldtr.Base))
            return "LDTR base is not canonical"u8;
        return TypeOf(ldtr) == 2 && IsSystemSegment(ldtr) && IsLimitConsistent(ldtr) ? default : "LDTR is usable and not a present LDT"u8;
    }

    private static bool IsVirtual8086(in SegmentRegister segment)
        => segment.Base == (ulong)segment.Selector << 4 && segment.Limit == 0xFFFF && segment.Attributes == 0xF3;

    // Access rights: type in bits 3:0, S in 4, DPL in 6:5, P in 7, G in 15, reserved 11:8 and 31:17.
    private static uint TypeOf(in SegmentRegister segment) => segment.Attributes & 0xF;

    private static uint PrivilegeOf(in SegmentRegister segment) => (segment.Attributes >> 5) & 3;

    private static bool IsMemorySegment(in SegmentRegister segment) => (segment.Attributes & 0xFFFE_0F90) == 0x90;

    private static bool IsSystemSegment(in SegmentRegister segment) => (segment.Attributes & 0xFFFE_0F90) == 0x80;

    /// <summary>Limit bits 11:0 all 1 or G 0; limit bits 31:20 all 0 or G 1.</summary>
    private static bool IsLimitConsistent(in SegmentRegister segment)
    {
        bool isGranular = (segment.Attributes & 0x8000) != 0;
        return isGranular ? (segment.Limit & 0xFFF) == 0xFFF : segment.Limit >> 20 == 0;
    }
}

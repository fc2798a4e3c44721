using System.Collections.Generic;
using CsCheck;
using Switcher.Hv.Cpu;
using Xunit;

namespace Switcher.Tests.Hv.Cpu;

public class CpuStateTests
{
    /// <summary>APM vol. 2, table 14-1 Initial Processor State, column INIT; SDM vol. 3, table 10-1, has the same.</summary>
    [Fact]
    public void AfterInit_Registers_AreTheManualsTable()
    {
        CpuState state = CpuState.AfterInit(0xF000, 0xFFF0);
        Assert.Equal(0x6000_0010UL, state.Cr0);
        Assert.Equal((0UL, 0UL, 0UL), (state.Cr2, state.Cr3, state.Cr4));
        Assert.Equal(0x2UL, state.Rflags);
        Assert.Equal(0xFFF0UL, state.Rip);
        Assert.Equal(0UL, state.Rsp);
        Assert.Equal(0xFFFF_0FF0UL, state.Dr6);
        Assert.Equal(0x400UL, state.Dr7);
        Assert.Equal(0UL, state.Efer);
        Assert.Equal(0x0007_0406_0007_0406UL, state.Pat);
        Assert.Equal((0UL, 0xFFFFu), (state.GdtBase, state.GdtLimit));
        Assert.Equal((0UL, 0xFFFFu), (state.IdtBase, state.IdtLimit));
    }

    [Fact]
    public void AfterInit_Segments_AreTheManualsTable()
    {
        CpuState state = CpuState.AfterInit(0xF000, 0xFFF0);
        AssertSegment(0xF000, 0x9B, 0xFFFF, 0xF_0000, state.Cs);
        foreach (SegmentRegister data in DataSegments(state))
            AssertSegment(0, 0x93, 0xFFFF, 0, data);
        AssertSegment(0, 0x82, 0xFFFF, 0, state.Ldtr);
        AssertSegment(0, 0x8B, 0xFFFF, 0, state.Tr);
    }

    [Fact]
    public void AfterInit_SystemCallRegisters_AreZero()
    {
        CpuState state = CpuState.AfterInit(0, 0);
        Assert.Equal(0UL, state.Star | state.LStar | state.CStar | state.SfMask | state.KernelGsBase
            | state.SysenterCs | state.SysenterEsp | state.SysenterEip);
    }

    /// <summary>APM vol. 2, 16.5, "Startup": the vector is the page of the first instruction.</summary>
    [Fact]
    public void AfterStartup_AnyVector_StartsAtThatPageInRealModeWithCaches() => Gen.Byte.Sample(vector =>
    {
        CpuState state = CpuState.AfterStartup(vector);
        return state.Cs.Selector == vector << 8 && state.Cs.Base + state.Rip == (ulong)vector << 12 && state.Rip == 0
            && state.Cs.Attributes == 0x9B && state.Cr0 == 0x10 && state.Efer == 0 && state.Rflags == 2;
    });

    /// <summary>
    /// ACPI 6.5, 5.2.10, Firmware_Waking_Vector: "CS = Firmware Waking Vector &gt;&gt; 4; IP = Firmware Waking Vector &amp; 0x000F".
    /// </summary>
    [Fact]
    public void AtWakingVector_AnyAddressBelowOneMegabyte_ExecutesThere() => Gen.UInt[1, 0xF_FFFF].Sample(vector =>
    {
        CpuState state = CpuState.AtWakingVector(vector);
        return state.Cs.Selector == vector >> 4 && state.Rip == (vector & 0xF) && state.Cs.Base + state.Rip == vector
            && state.Cr0 == 0x10 && state.Efer == 0 && state.Rflags == 2;
    });

    private static IEnumerable<SegmentRegister> DataSegments(CpuState state) => [state.Ds, state.Es, state.Ss, state.Fs, state.Gs];

    private static void AssertSegment(ushort selector, uint attributes, uint limit, ulong @base, SegmentRegister actual)
        => Assert.Equal((selector, attributes, limit, @base), (actual.Selector, actual.Attributes, actual.Limit, actual.Base));
}

using System;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Switcher.Hv.Svm;
using Xunit;

namespace Switcher.Tests.Hv.Svm;

/// <summary>APM vol. 2, appendix B: every field that <see cref="Vmcb"/> names, one row each.</summary>
public class VmcbLayoutTests
{
    /// <summary>Field, offset, bytes.</summary>
    public static TheoryData<string, int, int> Rows => new()
    {
        // Table B-1, Control Area.
        { nameof(Vmcb.ExceptionIntercepts), 0x008, 4 },
        { nameof(Vmcb.Intercepts1), 0x00C, 4 },
        { nameof(Vmcb.Intercepts2), 0x010, 4 },
        { nameof(Vmcb.IopmBasePa), 0x040, 8 },
        { nameof(Vmcb.MsrpmBasePa), 0x048, 8 },
        { nameof(Vmcb.TscOffset), 0x050, 8 },
        { nameof(Vmcb.GuestAsid), 0x058, 4 },
        { nameof(Vmcb.TlbControl), 0x05C, 1 },
        { nameof(Vmcb.VirtualInterrupt), 0x060, 8 },
        { nameof(Vmcb.InterruptShadow), 0x068, 8 },
        { nameof(Vmcb.ExitCode), 0x070, 8 },
        { nameof(Vmcb.ExitInfo1), 0x078, 8 },
        { nameof(Vmcb.ExitInfo2), 0x080, 8 },
        { nameof(Vmcb.ExitIntInfo), 0x088, 8 },
        { nameof(Vmcb.NestedControl), 0x090, 8 },
        { nameof(Vmcb.EventInjection), 0x0A8, 8 },
        { nameof(Vmcb.NestedCr3), 0x0B0, 8 },
        { nameof(Vmcb.CleanBits), 0x0C0, 4 },
        { nameof(Vmcb.NextRip), 0x0C8, 8 },

        // Table B-2, State Save Area: from 400h on.
        { nameof(Vmcb.Es), 0x400, 16 },
        { nameof(Vmcb.Cs), 0x410, 16 },
        { nameof(Vmcb.Ss), 0x420, 16 },
        { nameof(Vmcb.Ds), 0x430, 16 },
        { nameof(Vmcb.Fs), 0x440, 16 },
        { nameof(Vmcb.Gs), 0x450, 16 },
        { nameof(Vmcb.Gdtr), 0x460, 16 },
        { nameof(Vmcb.Ldtr), 0x470, 16 },
        { nameof(Vmcb.Idtr), 0x480, 16 },
        { nameof(Vmcb.Tr), 0x490, 16 },
        { nameof(Vmcb.Cpl), 0x4CB, 1 },
        { nameof(Vmcb.Efer), 0x4D0, 8 },
        { nameof(Vmcb.Cr4), 0x548, 8 },
        { nameof(Vmcb.Cr3), 0x550, 8 },
        { nameof(Vmcb.Cr0), 0x558, 8 },
        { nameof(Vmcb.Dr7), 0x560, 8 },
        { nameof(Vmcb.Dr6), 0x568, 8 },
        { nameof(Vmcb.Rflags), 0x570, 8 },
        { nameof(Vmcb.Rip), 0x578, 8 },
        { nameof(Vmcb.Rsp), 0x5D8, 8 },
        { nameof(Vmcb.Rax), 0x5F8, 8 },
        { nameof(Vmcb.Star), 0x600, 8 },
        { nameof(Vmcb.LStar), 0x608, 8 },
        { nameof(Vmcb.CStar), 0x610, 8 },
        { nameof(Vmcb.SfMask), 0x618, 8 },
        { nameof(Vmcb.KernelGsBase), 0x620, 8 },
        { nameof(Vmcb.SysenterCs), 0x628, 8 },
        { nameof(Vmcb.SysenterEsp), 0x630, 8 },
        { nameof(Vmcb.SysenterEip), 0x638, 8 },
        { nameof(Vmcb.Cr2), 0x640, 8 },
        { nameof(Vmcb.GuestPat), 0x668, 8 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Field_IsWhereTheAppendixHasIt(string name, int offset, int bytes)
    {
        Assert.Equal(offset, (int)Marshal.OffsetOf<Vmcb>(name));
        Type type = typeof(Vmcb).GetField(name)!.FieldType;
        Assert.Equal(bytes, Marshal.SizeOf(type.IsEnum ? type.GetEnumUnderlyingType() : type));
    }

    [Fact]
    public void Fields_All_HaveARow()
        => Assert.Equal(typeof(Vmcb).GetFields(BindingFlags.Public | BindingFlags.Instance).Select(field => field.Name),
        Rows.Select(row => row[0]));

    [Fact]
    public void Vmcb_IsOnePage() => Assert.Equal(4096, Unsafe.SizeOf<Vmcb>());

    [Fact]
    public void Segment_IsSelectorAttributesLimitBase()
    {
        Assert.Equal(0, (int)Marshal.OffsetOf<VmcbSegment>(nameof(VmcbSegment.Selector)));
        Assert.Equal(2, (int)Marshal.OffsetOf<VmcbSegment>(nameof(VmcbSegment.Attributes)));
        Assert.Equal(4, (int)Marshal.OffsetOf<VmcbSegment>(nameof(VmcbSegment.Limit)));
        Assert.Equal(8, (int)Marshal.OffsetOf<VmcbSegment>(nameof(VmcbSegment.Base)));
    }

    /// <summary>Table B-1, offsets 00Ch and 010h: bit numbers.</summary>
    [Theory]
    [InlineData(SvmIntercepts1.Nmi, 1)]
    [InlineData(SvmIntercepts1.Init, 3)]
    [InlineData(SvmIntercepts1.Cpuid, 18)]
    [InlineData(SvmIntercepts1.Pause, 23)]
    [InlineData(SvmIntercepts1.Hlt, 24)]
    [InlineData(SvmIntercepts1.Invlpga, 26)]
    [InlineData(SvmIntercepts1.Io, 27)]
    [InlineData(SvmIntercepts1.Msr, 28)]
    [InlineData(SvmIntercepts1.Shutdown, 31)]
    public void Intercepts1_EachBit_IsTheAppendixs(SvmIntercepts1 intercept, int bit) => Assert.Equal(1u << bit, (uint)intercept);

    [Theory]
    [InlineData(SvmIntercepts2.Vmrun, 0)]
    [InlineData(SvmIntercepts2.Vmmcall, 1)]
    [InlineData(SvmIntercepts2.Vmload, 2)]
    [InlineData(SvmIntercepts2.Vmsave, 3)]
    [InlineData(SvmIntercepts2.Stgi, 4)]
    [InlineData(SvmIntercepts2.Clgi, 5)]
    [InlineData(SvmIntercepts2.Skinit, 6)]
    public void Intercepts2_EachBit_IsTheAppendixs(SvmIntercepts2 intercept, int bit) => Assert.Equal(1u << bit, (uint)intercept);
}

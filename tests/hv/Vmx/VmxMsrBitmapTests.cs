using System;
using System.Linq;
using CsCheck;
using Switcher.Hv.Cpu;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Vmx;

/// <summary>SDM vol. 3, 25.6.9 "MSR-Bitmap Address".</summary>
public class VmxMsrBitmapTests
{
    /// <summary>Four kibibytes: reads of low MSRs, reads of high ones, writes of low ones, writes of high ones.</summary>
    [Theory]
    [InlineData(0u, 0)]
    [InlineData(0x1FFFu, 0x1FFF)]
    [InlineData(0xC000_0000u, 0x2000)]
    [InlineData(0xC000_1FFFu, 0x3FFF)]
    public void Intercept_InARange_SetsItsBits(uint register, int bit)
    {
        byte[] bitmap = new byte[VmxMsrBitmap.Bytes];
        Assert.True(VmxMsrBitmap.Intercept(bitmap, register, read: true, write: true));
        Assert.Equal([bit, 0x4000 + bit], Bits(bitmap));
    }

    [Theory]
    [InlineData(true, false, 0x3A)]
    [InlineData(false, true, 0x403A)]
    public void Intercept_OfOneDirection_LeavesTheOther(bool read, bool write, int bit)
    {
        byte[] bitmap = new byte[VmxMsrBitmap.Bytes];
        VmxMsrBitmap.Intercept(bitmap, VmxMsr.FeatureControl, read, write);
        Assert.Equal([bit], Bits(bitmap));
    }

    [Theory]
    [InlineData(0x2000u)]
    [InlineData(0xBFFF_FFFFu)]
    [InlineData(0xC000_2000u)]
    [InlineData(0xC001_1029u)]
    [InlineData(0xFFFF_FFFFu)]
    public void Intercept_OutsideTheRanges_HasNoBits(uint register)
    {
        byte[] bitmap = new byte[VmxMsrBitmap.Bytes];
        Assert.False(VmxMsrBitmap.Intercept(bitmap, register, read: true, write: true));
        Assert.Empty(Bits(bitmap));
    }

    [Fact]
    public void TryGetBit_AnyMsr_IsInOneOfTheRangesOrNone() => Gen.UInt.Sample(register =>
        VmxMsrBitmap.TryGetBit(register, out int bit) == (register < 0x2000 || register is >= 0xC000_0000 and < 0xC000_2000)
        && (register >= 0x2000 || bit == register));

    /// <summary>VMX's own, and the base of the local APIC; nothing that a running guest touches.</summary>
    [Fact]
    public void Initialize_Bitmap_InterceptsTheseAndNoOthers()
    {
        byte[] bitmap = Enumerable.Repeat((byte)0xAA, VmxMsrBitmap.Bytes).ToArray();
        VmxMsrBitmap.Initialize(bitmap);
        int[] vmx = [0x3A, .. Enumerable.Range(0x480, 0x14)];
        int[] writes = [0x1B, .. vmx];
        Assert.Equal([.. vmx, .. writes.Select(bit => 0x4000 + bit)], Bits(bitmap));
    }

    [Theory]
    [InlineData(VmxMsr.Basic, HiddenMsr.Absent)]
    [InlineData(VmxMsr.Last, HiddenMsr.Absent)]
    [InlineData(VmxMsr.Basic - 1, HiddenMsr.None)]
    [InlineData(VmxMsr.Last + 1, HiddenMsr.None)]
    [InlineData(VmxMsr.FeatureControl, HiddenMsr.ReadOnly)]
    [InlineData(Msr.Efer, HiddenMsr.None)]
    public void HiddenMsr_OfEachKind_IsThat(uint register, HiddenMsr kind)
    {
        using FakeMachine machine = VmxMachine.Create();
        Assert.Equal(kind, Vmx<FakePlatform>.ReadHiddenMsr(register, out _));
    }

    /// <summary>Locked, VMX and SMX off; other bits, as of SGX and of machine checks, are the firmware's.</summary>
    [Theory]
    [InlineData(5u, 1u)]
    [InlineData(0xFF07u, 1u)]
    [InlineData(0x0016_0005u, 0x0016_0001u)]
    public void HiddenMsr_FeatureControl_ReadsAsSwitchedOff(uint value, uint expected)
    {
        using FakeMachine machine = VmxMachine.Create();
        machine.Cpus[0].Msrs[VmxMsr.FeatureControl] = value;
        Vmx<FakePlatform>.ReadHiddenMsr(VmxMsr.FeatureControl, out ulong seen);
        Assert.Equal(expected, seen);
    }

    private static int[] Bits(byte[] bitmap)
        => Enumerable.Range(0, bitmap.Length * 8).Where(bit => (bitmap[bit / 8] & (1 << (bit % 8))) != 0).ToArray();
}

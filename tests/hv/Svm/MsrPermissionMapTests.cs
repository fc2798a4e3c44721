using System;
using System.Linq;
using CsCheck;
using Switcher.Hv.Cpu;
using Switcher.Hv.Svm;
using Xunit;

namespace Switcher.Tests.Hv.Svm;

/// <summary>APM vol. 2, 15.11 MSR Intercepts, table 15-8.</summary>
public class MsrPermissionMapTests
{
    [Theory]
    [InlineData(0x0000_0000, 0x0000 * 8)]
    [InlineData(0x0000_1FFF, (0x0800 * 8) - 2)]
    [InlineData(0xC000_0000, 0x0800 * 8)]
    [InlineData(0xC000_1FFF, (0x1000 * 8) - 2)]
    [InlineData(0xC001_0000, 0x1000 * 8)]
    [InlineData(0xC001_1FFF, (0x1800 * 8) - 2)]
    public void TryGetBit_EndsOfTheRanges_AreTheTables(uint register, int expected)
    {
        Assert.True(MsrPermissionMap.TryGetBit(register, out int bit));
        Assert.Equal(expected, bit);
    }

    [Theory]
    [InlineData(0x0000_2000)]
    [InlineData(0xBFFF_FFFF)]
    [InlineData(0xC000_2000)]
    [InlineData(0xC001_2000)]
    [InlineData(0xFFFF_FFFF)]
    public void TryGetBit_OutsideTheRanges_HasNone(uint register)
    {
        Assert.False(MsrPermissionMap.TryGetBit(register, out _));
        Assert.False(MsrPermissionMap.Intercept(new byte[MsrPermissionMap.Bytes], register, read: true, write: true));
    }

    [Fact]
    public void Intercept_AnyRegister_SetsItsTwoBitsAndNoOther() =>
        Gen.Select(Gen.UInt[0, 0x1FFF], Gen.UInt[0, 2], Gen.Bool, Gen.Bool).Sample((low, range, read, write) =>
        {
            byte[] map = new byte[MsrPermissionMap.Bytes];
            MsrPermissionMap.Intercept(map, low + new[] { 0u, 0xC000_0000, 0xC001_0000 }[range], read, write);
            int first = (int)((range * 0x800 * 8) + (2 * low));
            return Enumerable.Range(0, map.Length * 8).Where(bit => (map[bit / 8] & (1 << (bit % 8))) != 0)
                .SequenceEqual(new[] { (Bit: first, IsSet: read), (Bit: first + 1, IsSet: write) }.Where(b => b.IsSet).Select(b => b.Bit));
        }, iter: 50);

    /// <summary>Promise 5: what is not in this list costs no exit.</summary>
    [Fact]
    public void Initialize_Map_InterceptsTheseAndNoOthers()
    {
        byte[] map = new byte[MsrPermissionMap.Bytes];
        map.AsSpan().Fill(0xFF);
        MsrPermissionMap.Initialize(map);

        byte[] expected = new byte[MsrPermissionMap.Bytes];
        foreach (uint both in new[] { Msr.Efer, Msr.VmCr, Msr.VmHsavePa, Msr.SvmKey })
            MsrPermissionMap.Intercept(expected, both, read: true, write: true);
        MsrPermissionMap.Intercept(expected, Msr.ApicBase, read: false, write: true);
        MsrPermissionMap.Intercept(expected, Msr.X2ApicIcr, read: false, write: true);
        Assert.Equal(expected, map);
    }
}

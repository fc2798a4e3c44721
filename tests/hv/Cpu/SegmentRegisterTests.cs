using CsCheck;
using Switcher.Hv.Cpu;
using Xunit;

namespace Switcher.Tests.Hv.Cpu;

/// <summary>APM vol. 2, 4.7 Legacy Segment Descriptors and 4.8 Long-Mode Segment Descriptors.</summary>
public class SegmentRegisterTests
{
    /// <summary>The flat segments of every protected-mode and 64-bit system, and a 16-bit one.</summary>
    [Theory]
    [InlineData(0x00CF_9B00_0000_FFFF, 0xC09B, 0xFFFF_FFFF, 0x0)]
    [InlineData(0x00CF_9300_0000_FFFF, 0xC093, 0xFFFF_FFFF, 0x0)]
    [InlineData(0x00AF_9B00_0000_FFFF, 0xA09B, 0xFFFF_FFFF, 0x0)]
    [InlineData(0x0000_9B00_0000_FFFF, 0x009B, 0x0000_FFFF, 0x0)]
    [InlineData(0x1240_9334_5678_9ABC, 0x4093, 0x0000_9ABC, 0x1234_5678)]
    [InlineData(0x124F_9334_5678_9ABC, 0x4093, 0x000F_9ABC, 0x1234_5678)]
    public void FromDescriptor_CodeAndData_HasTheDescriptorsFields(ulong descriptor, uint attributes, uint limit, ulong @base)
    {
        var segment = SegmentRegister.FromDescriptor(0x18, descriptor, 0, isLongSystem: false);
        Assert.Equal((0x18, attributes, limit, @base), (segment.Selector, segment.Attributes, segment.Limit, segment.Base));
    }

    [Fact]
    public void FromDescriptor_LongModeTaskSegment_TakesTheUpperHalfOfItsBase()
    {
        var segment = SegmentRegister.FromDescriptor(0x40, 0x8900_8B12_3000_0067, 0xFFFF_FE00, isLongSystem: true);
        Assert.Equal((0x008Bu, 0x67u, 0xFFFF_FE00_8912_3000), (segment.Attributes, segment.Limit, segment.Base));
    }

    [Fact]
    public void FromDescriptor_LegacyTaskSegment_IgnoresWhatFollowsIt()
    {
        var segment = SegmentRegister.FromDescriptor(0x40, 0x8900_8B12_3000_0067, ulong.MaxValue, isLongSystem: false);
        Assert.Equal(0x8912_3000UL, segment.Base);
    }

    /// <summary>The requested privilege level does not make a null selector less null.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void FromDescriptor_NullSelector_IsUnusable(ushort selector)
    {
        var segment = SegmentRegister.FromDescriptor(selector, ulong.MaxValue, ulong.MaxValue, isLongSystem: false);
        Assert.Equal((selector, SegmentRegister.Unusable, 0u, 0UL), (segment.Selector, segment.Attributes, segment.Limit, segment.Base));
    }

    [Fact]
    public void FromDescriptor_AnyFields_ReadsBackWhatWasWritten() =>
        Gen.Select(Gen.UInt[0, 0xFFFFF], Gen.UInt, Gen.UInt[0, 0xFF], Gen.UInt[0, 0xF]).Sample((limit, @base, type, flags) =>
        {
            ulong descriptor = (limit & 0xFFFF) | ((ulong)(limit >> 16) << 48) | ((ulong)(@base & 0xFF_FFFF) << 16)
                | ((ulong)(@base >> 24) << 56)
                | ((ulong)type << 40) | ((ulong)flags << 52);
            var segment = SegmentRegister.FromDescriptor(8, descriptor, 0, isLongSystem: false);
            return segment.Base == @base
                && segment.Attributes == (type | (flags << 12))
                && segment.Limit == ((flags & 8) != 0 ? (limit << 12) | 0xFFF : limit)
                && segment.IsLong == ((flags & 2) != 0)
                && segment.IsDefaultBig == ((flags & 4) != 0);
        });
}

using System;
using System.Linq;
using CsCheck;
using Switcher.Hv.Paging;
using Xunit;

namespace Switcher.Tests.Hv.Paging;

public sealed class MtrrMapTests
{
    private const ulong MiB = 1024 * 1024;
    private const ulong Enabled = 0x800;
    private const ulong FixedEnabled = 0x400;

    // SDM vol. 3, 12.11.3 "Example Base and Mask Calculations": 96 MiB of memory, a 4 MiB window for a card at 64 MiB, a hole of 1 MiB at
    // 15 MiB, and a write-combining range of 8 MiB, on a processor with 36 address bits.
    private static readonly ulong[] ManualsExample =
    [
        0x0000_0000_0000_0006, 0x0000_000F_FC00_0800,
        0x0000_0000_0400_0006, 0x0000_000F_FE00_0800,
        0x0000_0000_0600_0006, 0x0000_000F_FFC0_0800,
        0x0000_0000_0400_0000, 0x0000_000F_FFC0_0800,
        0x0000_0000_00F0_0000, 0x0000_000F_FFF0_0800,
        0x0000_0000_A000_0001, 0x0000_000F_FF80_0800,
    ];

    [Theory]
    [InlineData(0UL, CacheType.WriteBack, 15)]
    [InlineData(15, CacheType.Uncacheable, 16)]
    [InlineData(16, CacheType.WriteBack, 64)]
    [InlineData(63, CacheType.WriteBack, 64)]
    [InlineData(64, CacheType.Uncacheable, 68)]
    [InlineData(67, CacheType.Uncacheable, 68)]
    [InlineData(68, CacheType.WriteBack, 100)]
    [InlineData(96, CacheType.WriteBack, 100)]
    [InlineData(100, CacheType.Uncacheable, 2560)]
    [InlineData(2560, CacheType.WriteCombining, 2568)]
    [InlineData(2568, CacheType.Uncacheable, 4096)]
    public void TypeOf_ManualsExample_IsAsItSays(ulong mebibyte, CacheType type, ulong endMebibyte)
    {
        MtrrMap map = new(Enabled, [], ManualsExample, 36);
        Assert.Equal(type, map.TypeOf(mebibyte * MiB));
        Assert.Equal(type, map.TypeOf(mebibyte * MiB, 4096 * MiB, out ulong end));
        Assert.Equal(endMebibyte * MiB, end);
    }

    [Fact]
    public void TypeOf_FixedRanges_GoBeforeVariableOnes()
    {
        ulong[] fixedRanges =
        [
            0x0606060606060606, 0x0606060606060606, 0x0101010101010101, 0x0505050505050505, 0x0505050505050505, 0, 0, 0, 0,
            0x0405060504050605, 0x0505050505050505,
        ];
        ulong[] variable = [0x6, 0xFF_FFE0_0800];
        MtrrMap map = new(Enabled | FixedEnabled, fixedRanges, variable, 40);

        Assert.Equal(CacheType.WriteBack, map.TypeOf(0, ulong.MaxValue, out ulong end));
        Assert.Equal(0xA0000UL, end);
        Assert.Equal(CacheType.WriteCombining, map.TypeOf(0xA0000, ulong.MaxValue, out end));
        Assert.Equal(0xC0000UL, end);
        Assert.Equal(CacheType.WriteProtected, map.TypeOf(0xC0000, ulong.MaxValue, out end));
        Assert.Equal(0xD0000UL, end);
        Assert.Equal(CacheType.WriteBack, map.TypeOf(0xF1000));
        Assert.Equal(CacheType.WriteThrough, map.TypeOf(0xF3FFF));
        Assert.Equal(CacheType.WriteBack, map.TypeOf(0x100000, ulong.MaxValue, out end));
        Assert.Equal(0x200000UL, end);

        Assert.Equal(CacheType.WriteBack, new MtrrMap(Enabled, fixedRanges, variable, 40).TypeOf(0xA0000));
    }

    [Fact]
    public void TypeOf_MtrrsOff_IsUncacheable()
    {
        MtrrMap map = new(0x6, [], [0x6, 0xFF_0000_0800], 40);
        Assert.Equal(CacheType.Uncacheable, map.TypeOf(0, 1UL << 40, out ulong end));
        Assert.Equal(1UL << 40, end);
    }

    // SDM vol. 3, 12.11.4.1 "MTRR Precedences".
    [Theory]
    [InlineData(CacheType.WriteBack, CacheType.WriteBack, CacheType.WriteBack)]
    [InlineData(CacheType.WriteBack, CacheType.Uncacheable, CacheType.Uncacheable)]
    [InlineData(CacheType.WriteCombining, CacheType.Uncacheable, CacheType.Uncacheable)]
    [InlineData(CacheType.WriteThrough, CacheType.WriteBack, CacheType.WriteThrough)]
    [InlineData(CacheType.WriteBack, CacheType.WriteThrough, CacheType.WriteThrough)]
    [InlineData(CacheType.WriteProtected, CacheType.WriteBack, CacheType.Uncacheable)]
    public void TypeOf_OverlappingRanges_FollowsThePrecedences(CacheType first, CacheType second, CacheType both)
    {
        ulong[] variable = [(ulong)first, 0xFF_FFE0_0800, 0x10_0000 | (ulong)second, 0xFF_FFF0_0800];
        MtrrMap map = new(Enabled | (ulong)CacheType.WriteCombining, [], variable, 40);
        Assert.Equal(first, map.TypeOf(0));
        Assert.Equal(both, map.TypeOf(0x100000));
        Assert.Equal(CacheType.WriteCombining, map.TypeOf(0x200000));
    }

    [Fact]
    public void TypeOf_AnyRegisters_IsUniformUpToTheEndGiven()
    {
        // Now and then a mask with a hole in it, which makes a range of several parts.
        Gen<(ulong Base, ulong Mask)> register =
            Gen.Select(Gen.ULong[0, 0xFFFF], Gen.Int[12, 27], Gen.ULong[0, 7], Gen.Bool, Gen.Int[12, 80]).Select(
            (page, size, type, isValid, hole) =>
            {
                ulong mask = 0xFF_FFFF_FFFF & ~((1UL << size) - 1) & ~(hole < 30 ? 1UL << hole : 0);
                return (((page << 12) & mask) | type, mask | (isValid ? 0x800UL : 0));
            });
        Gen.Select(register.Array[0, 6], Gen.ULong[0, 0xFFFF], Gen.ULong[0, 7]).Sample((ranges, page, other) =>
        {
            const ulong limit = 0x1000_0000;
            ulong[] registers = [.. ranges.SelectMany(r => new[] { r.Base, r.Mask })];
            MtrrMap map = new(Enabled | other, [], registers, 40);
            for (ulong address = page << 12, steps = 0; address < limit && steps < 20; steps++)
            {
                CacheType type = map.TypeOf(address, limit, out ulong end);
                Assert.True(end > address && end <= limit);
                foreach (ulong inside in new[] { address, address + ((end - address) / 3), address + ((end - address) / 2), end - 1 })
                    Assert.Equal(Definition(registers, other, inside), type);
                address = end;
            }
        });
    }

    private static CacheType Definition(ulong[] registers, ulong other, ulong address)
    {
        CacheType[] types = [.. Enumerable.Range(0, registers.Length / 2)
            .Where(i => (registers[(2 * i) + 1] & 0x800) != 0)
            .Where(i => (address & registers[(2 * i) + 1] & ~0xFFFUL) == (registers[2 * i] & registers[(2 * i) + 1] & ~0xFFFUL))
            .Select(i => Known(registers[2 * i] & 0xFF)).Distinct()];
        return types.Length switch
        {
            0 => Known(other),
            1 => types[0],
            2 when types.All(t => t is CacheType.WriteBack or CacheType.WriteThrough) => CacheType.WriteThrough,
            _ => CacheType.Uncacheable,
        };
    }

    private static CacheType Known(ulong type) => Enum.IsDefined((CacheType)type) ? (CacheType)type : CacheType.Uncacheable;
}

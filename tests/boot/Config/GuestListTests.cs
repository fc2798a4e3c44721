using System;
using System.Linq;
using System.Runtime.InteropServices;
using CsCheck;
using Switcher.Boot.Config;
using Xunit;

namespace Switcher.Tests.Boot.Config;

public sealed class GuestListTests
{
    [Fact]
    public void Parse_TwoGuests_KeepsTheirOrder()
    {
        Assert.Equal([0x0102, 0x0001], Parse([2, 1, 1, 0], out ConfigProblem[] problems));
        Assert.Empty(problems);
    }

    [Fact]
    public void Parse_OddLength_IgnoresTheLastByte()
    {
        Assert.Equal([1, 2], Parse([1, 0, 2, 0, 3], out ConfigProblem[] problems));
        Assert.Equal([ConfigProblemKind.OddLength], problems.Select(p => p.Kind));
    }

    [Fact]
    public void Parse_Duplicates_KeepsTheFirst()
    {
        Assert.Equal([1, 2], Parse([1, 0, 1, 0, 2, 0, 1, 0], out ConfigProblem[] problems));
        Assert.Equal([(ConfigProblemKind.RepeatedGuest, 1), (ConfigProblemKind.RepeatedGuest, 3)],
            problems.Select(p => (p.Kind, p.Position)));
    }

    [Fact]
    public void Parse_SeventeenGuests_KeepsSixteen()
    {
        ushort[] numbers = [.. Enumerable.Range(1, 17).Select(i => (ushort)i)];
        Assert.Equal(numbers[..16], Parse(MemoryMarshal.AsBytes<ushort>(numbers).ToArray(), out ConfigProblem[] problems));
        Assert.Equal([(ConfigProblemKind.TooManyGuests, 16)], problems.Select(p => (p.Kind, p.Position)));
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 1, 0 })]
    [InlineData(new byte[] { 1, 0, 1, 0 })]
    public void Parse_FewerThanTwo_IsReported(byte[] value)
    {
        Parse(value, out ConfigProblem[] problems);
        Assert.Equal(ConfigProblemKind.TooFewGuests, problems[^1].Kind);
    }

    [Fact]
    public void Parse_AnyBytes_GivesDistinctGuests() =>
        Gen.Byte.Array[0, 80].Sample(value =>
        {
            ushort[] guests = Parse(value, out _);
            Assert.InRange(guests.Length, 0, 16);
            Assert.Equal(guests.Length, guests.Distinct().Count());
        });

    private static ushort[] Parse(byte[] value, out ConfigProblem[] problems)
    {
        ushort[] guests = new ushort[16];
        ConfigProblem[] room = new ConfigProblem[64];
        int count = GuestList.Parse(value, guests, room, out int problemCount);
        problems = room[..problemCount];
        return guests[..count];
    }
}

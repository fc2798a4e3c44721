using System;
using System.Linq;
using System.Text;
using CsCheck;
using Switcher.Boot.Config;
using Switcher.Boot.Plan;
using Xunit;

namespace Switcher.Tests.Boot.Config;

public sealed class GuestOptionsTests
{
    [Theory]
    [InlineData("memory=40%", MemoryUnit.Percent, 40UL)]
    [InlineData("memory=100%", MemoryUnit.Percent, 100UL)]
    [InlineData("memory=6144M", MemoryUnit.Bytes, 6144UL << 20)]
    [InlineData("memory=6G", MemoryUnit.Bytes, 6UL << 30)]
    [InlineData(" memory\t= 512m \r\n", MemoryUnit.Bytes, 512UL << 20)]
    [InlineData("\uFEFFmemory=1g", MemoryUnit.Bytes, 1UL << 30)]
    [InlineData("memory=1G\0memory=2G", MemoryUnit.Bytes, 1UL << 30)]
    public void Parse_GoodMemory_IsTheRequest(string text, MemoryUnit unit, ulong value)
    {
        GuestOptions options = Parse(text, out ConfigProblem[] problems);

        Assert.Empty(problems);
        Assert.Equal(unit, options.Memory.Unit);
        Assert.Equal(value, options.Memory.Value);
    }

    [Theory]
    [InlineData("", false, 0)]
    [InlineData("clock=utc", false, 0)]
    [InlineData("clock=local", true, 0)]
    [InlineData("clock=Local", false, 1)]
    [InlineData("clock=", false, 1)]
    [InlineData("clock=local\nclock=gmt", true, 1)]
    [InlineData("clock=local\nclock=utc", false, 1)]
    public void Parse_Clock_IsUniversalUnlessLocal(string text, bool isLocal, int problemCount)
    {
        GuestOptions options = Parse(text, out ConfigProblem[] problems);
        Assert.Equal((isLocal, problemCount), (options.KeepsLocalTime, problems.Length));
    }

    [Theory]
    [InlineData("memory=")]
    [InlineData("memory=0%")]
    [InlineData("memory=0M")]
    [InlineData("memory=101%")]
    [InlineData("memory=40")]
    [InlineData("memory=-1G")]
    [InlineData("memory=4 0%")]
    [InlineData("memory=40%%")]
    [InlineData("memory=1T")]
    [InlineData("memory=18446744073709551617M")]
    [InlineData("memory=99999999999999999999999999999999G")]
    public void Parse_BadMemory_IsReportedAndIgnored(string text)
    {
        GuestOptions options = Parse("\r\n" + text, out ConfigProblem[] problems);

        ConfigProblem problem = Assert.Single(problems);
        Assert.Equal(ConfigProblemKind.BadMemory, problem.Kind);
        Assert.Equal(2, problem.Position);
        Assert.Equal(MemoryUnit.Share, options.Memory.Unit);
    }

    [Theory]
    [InlineData("", SleepPolicy.Switch)]
    [InlineData("sleep=switch", SleepPolicy.Switch)]
    [InlineData(" sleep = machine \r\n", SleepPolicy.Machine)]
    public void Parse_GoodSleep_IsThePolicy(string text, SleepPolicy policy)
    {
        Assert.Equal(policy, Parse(text, out ConfigProblem[] problems).Sleep);
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("sleep=")]
    [InlineData("sleep=armed")]
    [InlineData("sleep=Machine")]
    [InlineData("sleep=machine switch")]
    public void Parse_BadSleep_IsReportedAndIgnored(string text)
    {
        Assert.Equal(SleepPolicy.Machine, Parse("sleep=machine\n" + text, out ConfigProblem[] problems).Sleep);
        Assert.Equal([(ConfigProblemKind.BadSleep, 2)], problems.Select(p => (p.Kind, p.Position)));
    }

    [Fact]
    public void Parse_BadMemoryAfterGood_KeepsTheGood()
    {
        GuestOptions options = Parse("memory=40%\nmemory=x", out ConfigProblem[] problems);

        Assert.Equal(40UL, options.Memory.Value);
        Assert.Equal([(ConfigProblemKind.BadMemory, 2)], problems.Select(p => (p.Kind, p.Position)));
    }

    [Fact]
    public void Parse_AllKeys_GivesTexts()
    {
        GuestOptions options =
            Parse("options=root=/dev/sda1  quiet=\"a b\" \ninitrd=\\EFI\\Zürich\\initrd.img\n", out ConfigProblem[] problems);

        Assert.Empty(problems);
        Assert.True(options.HasLoadOptions);
        Assert.Equal("root=/dev/sda1  quiet=\"a b\"", Encoding.UTF8.GetString(options.LoadOptions));
        Assert.Equal("\\EFI\\Zürich\\initrd.img", Encoding.UTF8.GetString(options.Initrd));
        Assert.Equal(MemoryUnit.Share, options.Memory.Unit);
    }

    [Fact]
    public void Parse_EmptyOptions_IsNotTheSameAsNone()
    {
        Assert.True(Parse("options=", out _).HasLoadOptions);
        Assert.False(Parse("initrd=x", out _).HasLoadOptions);
    }

    [Fact]
    public void Parse_BadLines_AreReportedWithTheirNumbers()
    {
        GuestOptions options = Parse("nonsense\n\ncolour=red\n=x\noptions=a\noptions=b\n", out ConfigProblem[] problems);

        Assert.Equal("b", Encoding.UTF8.GetString(options.LoadOptions));
        Assert.Equal(
            [
                (ConfigProblemKind.NotKeyValue, 1), (ConfigProblemKind.UnknownKey, 3), (ConfigProblemKind.NotKeyValue, 4),
                (ConfigProblemKind.RepeatedKey, 6),
            ],
            problems.Select(p => (p.Kind, p.Position)));
    }

    [Fact]
    public void Parse_BadUtf8_IsReportedAndIgnored()
    {
        byte[] text = [.. "options=a"u8, 0xFF, (byte)'\n', .. "initrd=x"u8];
        GuestOptions options = GuestOptions.Parse(text, new ConfigProblem[4], out int count);

        Assert.Equal(1, count);
        Assert.False(options.HasLoadOptions);
        Assert.Equal("x", Encoding.UTF8.GetString(options.Initrd));
    }

    [Fact]
    public void Parse_MoreProblemsThanRoom_CountsThemAll()
    {
        ConfigProblem[] room = new ConfigProblem[2];
        GuestOptions.Parse("a\nb\nc\n"u8, room, out int count);

        Assert.Equal(3, count);
        Assert.Equal(2, room[1].Position);
    }

    [Fact]
    public void Parse_AnyBytes_NeverFails() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            GuestOptions.Parse(bytes, new ConfigProblem[3], out int count);
            Assert.InRange(count, 0, bytes.Length);
        });

    private static GuestOptions Parse(string text, out ConfigProblem[] problems)
    {
        ConfigProblem[] room = new ConfigProblem[8];
        GuestOptions options = GuestOptions.Parse(Encoding.UTF8.GetBytes(text), room, out int count);
        problems = room[..count];
        Assert.All(problems, p => Assert.NotEqual("unknown problem", Encoding.UTF8.GetString(p.Text)));
        return options;
    }
}

using System;
using System.Collections.Generic;
using System.Text;
using CsCheck;
using Switcher.Runner.Drive;
using Xunit;

namespace Switcher.Tests.Runner;

public class LogLineTests
{
    [Fact]
    public void LogLine_Step_GivesItsNameAndValues()
    {
        LogLine line = LogLine.Parse("STEP switch n=1 from=0 to=1 first=1 reason=s3 ticks=123456");
        Assert.True(line.IsStep("switch"));
        Assert.Equal(1, line.Number("first"));
        Assert.Equal("s3", line["reason"]);
        Assert.Equal(123456, line.Number("ticks"));
        Assert.Null(line.Number("reason"));
        Assert.Null(line.Number("absent"));
    }

    [Fact]
    public void LogLine_QuotedValue_KeepsItsBlanks()
    {
        LogLine line = LogLine.Parse("STEP firmware version=\"Switcher 0.1.0\" image=0x7e1000");
        Assert.Equal("Switcher 0.1.0", line["version"]);
        Assert.Equal(0x7e1000, line.Number("image"));
    }

    [Fact]
    public void LogLine_FreeText_IsKept()
    {
        LogLine line = LogLine.Parse("WARN SwitcherTimeout: 70000 is out of range");
        Assert.Equal("WARN", line.Kind);
        Assert.Equal("WARN SwitcherTimeout: 70000 is out of range", line.Text);
    }

    [Theory]
    [InlineData("0x10", 16L)]
    [InlineData("10", 10L)]
    [InlineData("-3", -3L)]
    [InlineData("0xffffffffffffffff", -1L)]
    [InlineData("0x", null)]
    [InlineData("ten", null)]
    [InlineData("", null)]
    public void LogLine_NumberText_IsReadOrRefused(string text, long? value) => Assert.Equal(value, LogLine.ParseNumber(text));

    [Fact]
    public void LogLine_AnyText_IsParsed() => Gen.String.Sample(text => Assert.Equal(text, LogLine.Parse(text).Text));

    [Fact]
    public void LineSplitter_BytesInAnyPieces_GiveTheSameLines() =>
        Gen.Select(Gen.String[Gen.Char[' ', '~'], 0, 20].Array[0, 8], Gen.Int[1, 7]).Sample((lines, piece) =>
        {
            var found = new List<string>();
            var splitter = new LineSplitter(found.Add);
            byte[] bytes = Encoding.ASCII.GetBytes(string.Join("\r\n", lines) + "\r\n");
            for (int i = 0; i < bytes.Length; i += piece)
                splitter.Add(bytes.AsSpan(i, int.Min(piece, bytes.Length - i)));
            splitter.End();
            Assert.Equal(lines.Length == 0 ? [""] : lines, found);
        });

    [Fact]
    public void AgentLine_BehindOtherText_IsFound()
    {
        AgentLine? line = AgentLine.Parse("\u001b[2J@sw debian-cloud error seq=7 reason=\"errno 16\"");
        Assert.NotNull(line);
        Assert.Equal("debian-cloud", line.Guest);
        Assert.Equal("error", line.Event);
        Assert.Equal(7, line.Number("seq"));
        Assert.Equal("errno 16", line["reason"]);
    }

    [Theory]
    [InlineData("BdsDxe: loading Boot0001")]
    [InlineData("@sw ")]
    [InlineData("@sw debian")]
    public void AgentLine_OtherText_IsNone(string text) => Assert.Null(AgentLine.Parse(text));
}

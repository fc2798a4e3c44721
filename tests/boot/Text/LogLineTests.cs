using System;
using System.Linq;
using System.Text;
using CsCheck;
using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Xunit;

namespace Switcher.Tests.Boot.Text;

public class LogLineTests
{
    [Fact]
    public void Line_WithEveryKindOfValue_ReadsAsKeysAndValues()
    {
        var line = new LogLine("STEP launch"u8);
        line.Word("backend"u8, "svm"u8);
        line.Number("cpus"u8, 2);
        line.Number("zero"u8, 0);
        line.Hex("image"u8, 0x7e1000);
        line.Quoted("name"u8, "a \"b\" c"u8);
        line.Range("range"u8, new MemoryRange(0x1600000, 0x16000000));
        line.Text(" Boot"u8);
        line.HexDigits(0x1a, 4);
        line.WriteTo<Sink>();

        Assert.Equal("STEP launch backend=svm cpus=2 zero=0 image=0x7e1000 name=\"a 'b' c\" range=0x1600000+0x16000000 Boot001a\n",
            Sink.Text);
    }

    [Fact]
    public void Line_WithoutRoomLeft_IsCutAndEndsWithOneLineFeed()
    {
        var line = new LogLine("DEBUG"u8);
        for (int i = 0; i < 300; i++)
            line.Number("n"u8, 7);
        line.WriteTo<Sink>();

        Assert.Equal(LogLine.Capacity, Sink.Text.Length);
        Assert.EndsWith("\n", Sink.Text);
        Assert.Equal(1, Sink.Text.Count(c => c == '\n'));
    }

    [Fact]
    public void Line_WithBytesThatAreNotPrintable_StaysAsciiOnOneLine()
    {
        var line = new LogLine("INFO guest"u8);
        line.Quoted("name"u8, Encoding.UTF8.GetBytes("Zoë\n\t"));
        line.WriteTo<Sink>();

        Assert.Equal("INFO guest name=\"Zo????\"\n", Sink.Text);
    }

    [Fact]
    public void Line_WrittenTwice_StartsAnew()
    {
        var line = new LogLine("INFO one"u8);
        line.WriteTo<Sink>();
        line.Text("INFO two"u8);
        line.WriteTo<Sink>();

        Assert.Equal("INFO two\n", Sink.Text);
    }

    [Fact]
    public void Numbers_Any_ReadBackAsThemselves() => Gen.ULong.Sample(value =>
    {
        var line = new LogLine(""u8);
        line.Decimal(value);
        line.Text(" "u8);
        line.Hexadecimal(value);
        line.WriteTo<Sink>();
        return Sink.Text == $"{value} 0x{value:x}\n";
    }, threads: 1);

    private struct Sink : ILogSink
    {
        [ThreadStatic]
        private static string? s_text;

        public static string Text => s_text ?? "";

        public static void Write(ReadOnlySpan<byte> line) => s_text = Encoding.ASCII.GetString(line);
    }
}

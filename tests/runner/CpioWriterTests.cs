using System;
using System.Globalization;
using System.IO;
using System.Text;
using CsCheck;
using Switcher.Runner.Images;
using Xunit;

namespace Switcher.Tests.Runner;

/// <summary>
/// Reads archives back as the kernel does: header fields of eight hexadecimal digits, name and data padded to four bytes.
/// </summary>
public class CpioWriterTests
{
    [Fact]
    public void CpioWriter_FileOfAnyLength_IsReadBack() =>
        Gen.Select(Gen.Byte.Array[0, 40], Gen.String[Gen.Char['a', 'z'], 1, 20]).Sample((content, name) =>
        {
            var stream = new MemoryStream();
            using (var writer = new CpioWriter(stream))
                writer.AddFile(name, content, executable: true);
            stream.Position = 0;
            Entry file = ReadEntry(stream);
            Assert.Equal((name, 0x81EDu), (file.Name, file.Mode));
            Assert.Equal(content, file.Content);
            Assert.Equal("TRAILER!!!", ReadEntry(stream).Name);
            Assert.Equal(stream.Length, stream.Position);
            Assert.Equal(0, stream.Length % 4);
        });

    [Fact]
    public void CpioWriter_EachKindOfEntry_HasItsModeAndNumbers()
    {
        var stream = new MemoryStream();
        using (var writer = new CpioWriter(stream))
        {
            writer.AddDirectory("/dev");
            writer.AddCharacterDevice("dev/console", 5, 1);
            writer.AddLink("bin/sh", "busybox");
            writer.AddFile("init", "x"u8);
        }

        stream.Position = 0;
        Entry folder = ReadEntry(stream);
        Assert.Equal(("dev", 0x41EDu), (folder.Name, folder.Mode));
        Entry device = ReadEntry(stream);
        Assert.Equal((0x2180u, 5u, 1u), (device.Mode, device.Major, device.Minor));
        Entry link = ReadEntry(stream);
        Assert.Equal((0xA1FFu, "busybox"), (link.Mode, Encoding.ASCII.GetString(link.Content)));
        Assert.Equal(0x81A4u, ReadEntry(stream).Mode);
    }

    private static Entry ReadEntry(Stream stream)
    {
        byte[] header = new byte[110];
        stream.ReadExactly(header);
        string text = Encoding.ASCII.GetString(header);
        Assert.Equal("070701", text[..6]);
        byte[] name = new byte[Field(text, 11)];
        stream.ReadExactly(name);
        Skip(stream);
        byte[] content = new byte[Field(text, 6)];
        stream.ReadExactly(content);
        Skip(stream);
        return new Entry(Encoding.UTF8.GetString(name).TrimEnd('\0'), Field(text, 1), content, Field(text, 9), Field(text, 10));
    }

    private static uint Field(string header, int index) =>
        uint.Parse(header.AsSpan(6 + index * 8, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static void Skip(Stream stream) => stream.Position = (stream.Position + 3) & ~3L;

    private sealed record Entry(string Name, uint Mode, byte[] Content, uint Major, uint Minor);
}

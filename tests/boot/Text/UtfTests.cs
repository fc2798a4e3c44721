using System;
using System.Linq;
using System.Text;
using CsCheck;
using Switcher.Boot.Text;
using Xunit;

namespace Switcher.Tests.Boot.Text;

public sealed class UtfTests
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.Int[0, 0x7F], Gen.Int[0x80, 0x7FF], Gen.Int[0x800, 0xD7FF], Gen.Int[0xE000, 0xFFFF], Gen.Int[0x10000, 0x10FFFF])
        .Array[0, 20].Select(scalars => string.Concat(scalars.Select(char.ConvertFromUtf32)));

    [Fact]
    public void Convert_AnyText_AgreesWithDotNet() => Text.Sample(text =>
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[] utf16 = Encoding.Unicode.GetBytes(text);
        char[] chars = new char[text.Length];
        byte[] bytes = new byte[utf8.Length];

        Assert.True(Utf.IsValidUtf8(utf8));
        Assert.Equal(chars.Length, Utf.ToUtf16(utf8, chars));
        Assert.Equal(text, new string(chars));
        Assert.Equal(bytes.Length, Utf.ToUtf8(utf16, bytes));
        Assert.Equal(utf8, bytes);
    });

    [Fact]
    public void IsValidUtf8_AnyBytes_AgreesWithDotNet() =>
        Gen.OneOf(Gen.Byte, Gen.Byte[0x7E, 0xC3], Gen.Byte[0xDF, 0xF6]).Array[0, 6]
            .Sample(bytes => Assert.Equal(IsValid(bytes), Utf.IsValidUtf8(bytes)), iter: 20_000);

    [Fact]
    public void ToUtf8_LoneSurrogates_BecomeReplacements() => Gen.UShort[0xD700, 0xE0FF].Array[0, 8].Sample(units =>
    {
        string text = new([.. units.Select(u => (char)u)]);
        byte[] bytes = new byte[40];
        int length = Utf.ToUtf8(System.Runtime.InteropServices.MemoryMarshal.AsBytes<ushort>(units), bytes);
        Assert.Equal(Encoding.UTF8.GetBytes(text), bytes[..length]);
    });

    [Fact]
    public void Convert_TooLittleRoom_StopsAtAWholeCharacter()
    {
        Assert.Equal(1, Utf.ToUtf16("a😀"u8, new char[2]));
        Assert.Equal(1, Utf.ToUtf8(Encoding.Unicode.GetBytes("aü"), new byte[2]));
    }

    private static bool IsValid(byte[] bytes)
    {
        try
        {
            new UTF8Encoding(false, true).GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}

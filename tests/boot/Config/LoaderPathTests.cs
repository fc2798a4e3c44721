using System;
using System.Linq;
using System.Text;
using CsCheck;
using Switcher.Boot.Config;
using Xunit;

namespace Switcher.Tests.Boot.Config;

public sealed class LoaderPathTests
{
    [Theory]
    [InlineData(@"\EFI\debian\shimx64.efi", @"\efi\DEBIAN\SHIMX64.EFI", true)]
    [InlineData(@"\EFI\debian\shimx64.efi", @"EFI/debian//shimx64.efi", true)]
    [InlineData(@"\EFI\debian\shimx64.efi", @"\EFI|debian\|shimx64.efi", true)]
    [InlineData(@"\EFI\debian\shimx64.efi", @"\EFI\debian\shimx64.ef", false)]
    [InlineData(@"\EFI\debian\shimx64.efi", @"\EFI\debianshimx64.efi", false)]
    [InlineData(@"\EFI\debian\shimx64.efi", @"\EFI\debian\grubx64.efi", false)]
    public void AreEqual_TwoPaths_AreComparedAsFirmwareDoes(string a, string b, bool expected)
    {
        Assert.Equal(expected, AreEqual(a, b));
        Assert.Equal(expected, AreEqual(b, a));
    }

    [Fact]
    public void AreEqual_OnAnotherPartition_AreNot()
    {
        byte[] elsewhere = [.. BootOptionTests.HardDrive];
        elsewhere[24] ^= 1;
        BootOption.TryParse(Option(@"\a.efi"), out BootOption here);
        byte[] path = [.. elsewhere, .. BootOptionTests.File(@"\a.efi"), .. BootOptionTests.End];
        BootOption.TryParse(BootOptionTests.Option(1, "x", path, []), out BootOption there);
        Assert.True(LoaderPath.AreEqual(here, here));
        Assert.False(LoaderPath.AreEqual(here, there));
    }

    [Theory]
    [InlineData(@"\EFI\BOOT\BOOTX64.EFI", true)]
    [InlineData(@"\efi\boot\bootx64.efi", true)]
    [InlineData(@"\EFI\BOOT\BOOTX64.EFI\x", false)]
    [InlineData(@"\EFI\BOOT\BOOTX64", false)]
    [InlineData(@"\EFI\debian\BOOTX64.EFI", false)]
    public void IsFallback_Path_IsTheOneOfRemovableDisks(string path, bool expected)
    {
        BootOption.TryParse(Option(path), out BootOption option);
        Assert.Equal(expected, LoaderPath.IsFallback(option));
    }

    [Theory]
    [InlineData(@"\EFI\debian\fwupdx64.efi", "", true)]
    [InlineData(@"\EFI\debian\shimx64.efi", @"\fwupdx64.efi", true)]
    [InlineData(@"\EFI\Tools\ShellX64.efi", "", true)]
    [InlineData(@"\EFI\memtest86\memtest86+x64.efi", "", true)]
    [InlineData(@"\EFI\debian\mmx64.efi", "", true)]
    [InlineData(@"\EFI\debian\shimx64.efi", "", false)]
    [InlineData(@"\EFI\debian\shimx64.efi", "quiet shell", false)]
    [InlineData(@"\EFI\shell\grubx64.efi", "", false)]
    [InlineData(@"\EFI\Microsoft\Boot\bootmgfw.efi", "", false)]
    [InlineData(@"\EFI\Linux\debian-6.12.efi", "", false)]
    public void IsTool_OfLoaderAndOptions_GoesByTheName(string path, string options, bool expected)
    {
        BootOption.TryParse(Option(path, options), out BootOption option);
        Assert.Equal(expected, KnownTool.Is(option));
    }

    [Fact]
    public void AnyBytes_StayInsideThem() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        if (BootOption.TryParse([1, 0, 0, 0, (byte)(bytes.Length / 2), 0, 0, 0, .. bytes], out BootOption option) != BootOptionStatus.Ok)
            return;
        _ = LoaderPath.AreEqual(option, option);
        _ = LoaderPath.IsFallback(option);
        _ = KnownTool.Is(option);
    });

    private static bool AreEqual(string a, string b)
    {
        BootOption.TryParse(Option(a), out BootOption first);
        BootOption.TryParse(Option(b), out BootOption second);
        return LoaderPath.AreEqual(first, second);
    }

    /// <summary>Each part between bars is a node of its own.</summary>
    private static byte[] Option(string path, string options = "")
    {
        byte[] nodes = [.. path.Split('|').SelectMany(BootOptionTests.File)];
        return BootOptionTests.Option(
            1, "system", [.. BootOptionTests.HardDrive, .. nodes, .. BootOptionTests.End], Encoding.Unicode.GetBytes(options));
    }
}

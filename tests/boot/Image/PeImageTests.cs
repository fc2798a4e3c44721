using System;
using Switcher.Boot.Image;
using Xunit;

namespace Switcher.Tests.Boot.Image;

public class PeImageTests
{
    [Fact]
    public void TryParse_OfAGoodImage_ReadsItsHeaders()
    {
        Assert.Equal(PeStatus.Success, PeImage.TryParse(new TestImage().File, out PeImage image));

        Assert.Equal(TestImage.ImageBase, image.ImageBase);
        Assert.Equal(TestImage.SizeOfImage, image.SizeOfImage);
        Assert.Equal(PeSubsystem.EfiApplication, image.Subsystem);
        Assert.Equal(2, image.SectionCount);
        Assert.Equal(0x40u, image.Section(0).VirtualSize);
        Assert.Equal(0x20u, image.Section(0).LoadedSize);
        Assert.Equal(PeSectionFlags.Read | PeSectionFlags.Execute, image.Section(0).Flags & (PeSectionFlags)0xE000_0000);
        Assert.True(image.IsRelocatable);
    }

    [Fact]
    public void TryParse_OfAFileCutShort_SaysSo()
    {
        byte[] file = new TestImage().File;

        Assert.Equal(PeStatus.NotAnImage, PeImage.TryParse(file.AsSpan(0, 1), out _));
        for (int length = 2; length < TestImage.Code; length++)
            Assert.Equal(PeStatus.Truncated, PeImage.TryParse(file.AsSpan(0, length), out _));
    }

    [Theory]
    [InlineData(0, 0x4D, PeStatus.NotAnImage)]
    [InlineData(0x3C, 0x8000_0000, PeStatus.Truncated)]
    [InlineData(0x3C, 0x21C, PeStatus.Truncated)]
    [InlineData(TestImage.Header, 0x4551, PeStatus.NotAnImage)]
    [InlineData(TestImage.Header + 4, 0x0002_014C, PeStatus.WrongMachine)]      // IA-32
    [InlineData(TestImage.Header + 4, 0x0002_AA64, PeStatus.WrongMachine)]      // ARM64
    [InlineData(TestImage.Header + 4, 0xFFFF_8664, PeStatus.Truncated)]         // 65535 sections
    [InlineData(TestImage.Header + 20, 0x0022_006F, PeStatus.BadHeader)]        // optional header one byte short
    [InlineData(TestImage.Optional, 0x010B, PeStatus.WrongMachine)]             // the 32-bit form
    [InlineData(TestImage.Optional + 16, 0x1FF, PeStatus.BadEntryPoint)]
    [InlineData(TestImage.Optional + 16, 0x3000, PeStatus.BadEntryPoint)]
    [InlineData(TestImage.Optional + 32, 0, PeStatus.BadHeader)]
    [InlineData(TestImage.Optional + 32, 0x1800, PeStatus.BadHeader)]
    [InlineData(TestImage.Optional + 56, 0x1FF, PeStatus.BadHeader)]
    [InlineData(TestImage.Optional + 56, 0xFFFF_FFFF, PeStatus.BadHeader)]
    [InlineData(TestImage.Optional + 56, 0x2000, PeStatus.BadSection)]
    [InlineData(TestImage.Optional + 60, 0x231, PeStatus.Truncated)]
    [InlineData(TestImage.Optional + 60, 0x100, PeStatus.BadHeader)]
    [InlineData(TestImage.Optional + 68, 3, PeStatus.WrongSubsystem)]           // a Windows console program
    [InlineData(TestImage.Optional + 68, 13, PeStatus.WrongSubsystem)]          // a ROM image
    [InlineData(TestImage.Optional + 156, 0x1001, PeStatus.BadRelocation)]
    [InlineData(TestImage.Optional + 152, 0xFFFF_FFF8, PeStatus.BadRelocation)]
    [InlineData(TestImage.Sections + 8, 0x2001, PeStatus.BadSection)]
    [InlineData(TestImage.Sections + 8, 0xFFFF_FFFF, PeStatus.BadSection)]
    [InlineData(TestImage.Sections + 12, 0x100, PeStatus.BadSection)]
    public void TryParse_WithOneFieldWrong_NamesTheFault(int offset, uint value, PeStatus expected)
    {
        var image = new TestImage();
        image.Put32(offset, value);

        Assert.Equal(expected, PeImage.TryParse(image.File, out _));
    }

    [Fact]
    public void TryParse_WithoutARelocationDirectory_FindsNone()
    {
        var image = new TestImage();
        image.Put32(TestImage.Optional + 108, 5);
        byte[] memory = new byte[TestImage.SizeOfImage];

        Assert.Equal(PeStatus.Success, PeLoader.Load(image.File, memory, 0x1000, out _));
        Assert.Equal(0x40, memory[TestImage.WideField + 3]);            // unchanged: 0x1_4000_1000
    }
}

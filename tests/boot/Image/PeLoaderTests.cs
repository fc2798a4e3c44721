using System;
using System.Buffers.Binary;
using CsCheck;
using Switcher.Boot.Image;
using Xunit;

namespace Switcher.Tests.Boot.Image;

public class PeLoaderTests
{
    private const ulong Address = 0x7_0000_0000;

    [Fact]
    public void Load_OfAGoodImage_PlacesSectionsAndZeroesTheirRest()
    {
        byte[] memory = new byte[TestImage.SizeOfImage + 8];
        memory.AsSpan().Fill(0xFF);

        PeStatus status = PeLoader.Load(new TestImage().File, memory, TestImage.ImageBase, out PeImage image);

        Assert.Equal(PeStatus.Success, status);
        Assert.Equal(0x1004u, image.EntryPoint);
        Assert.True(image.IsNxCompatible);
        Assert.Equal(0xCC, memory[0x1004]);
        Assert.Equal(0, memory[0x1020]);
        Assert.Equal(0, memory[0x103F]);
        Assert.Equal((byte)'M', memory[0]);
        Assert.Equal(0xFF, memory[TestImage.SizeOfImage]);
    }

    [Fact]
    public void Load_ToAnotherAddress_MovesTheAddressesInside()
    {
        byte[] memory = new byte[TestImage.SizeOfImage];

        Assert.Equal(PeStatus.Success, PeLoader.Load(new TestImage().File, memory, Address, out _));

        Assert.Equal(Address + 0x1000, BinaryPrimitives.ReadUInt64LittleEndian(memory.AsSpan((int)TestImage.WideField)));
        uint narrow = unchecked(0x4000_1000u + (uint)(Address - TestImage.ImageBase));
        Assert.Equal(narrow, BinaryPrimitives.ReadUInt32LittleEndian(memory.AsSpan((int)TestImage.NarrowField)));
    }

    [Fact]
    public void Relocate_ThereAndBack_LeavesTheImageAsItWas()
    {
        byte[] memory = new byte[TestImage.SizeOfImage];
        PeLoader.Load(new TestImage().File, memory, TestImage.ImageBase, out PeImage image);
        byte[] before = (byte[])memory.Clone();

        Assert.Equal(PeStatus.Success, PeLoader.Relocate(memory, image, TestImage.ImageBase, Address));
        Assert.NotEqual(before, memory);
        Assert.Equal(PeStatus.Success, PeLoader.Relocate(memory, image, Address, TestImage.ImageBase));
        Assert.Equal(before, memory);
    }

    [Fact]
    public void Load_IntoLessMemory_IsRefused() =>
        Assert.Equal(PeStatus.NoRoom, PeLoader.Load(new TestImage().File, new byte[TestImage.SizeOfImage - 1], Address, out _));

    [Fact]
    public void Load_OfAnImageWithoutRelocations_RunsAtItsOwnAddressOnly()
    {
        var image = new TestImage();
        image.Put16(TestImage.Header + 22, 0x0023);
        byte[] memory = new byte[TestImage.SizeOfImage];

        Assert.Equal(PeStatus.Success, PeLoader.Load(image.File, memory, TestImage.ImageBase, out _));
        Assert.Equal(PeStatus.NotRelocatable, PeLoader.Load(image.File, memory, Address, out _));
    }

    [Theory]
    [InlineData(TestImage.Relocations, 0x2FF9)]             // the page: a field that ends one byte beyond the image
    [InlineData(TestImage.Relocations, 0xFFFF_FFFF)]
    [InlineData(TestImage.Relocations + 4, 0)]              // the size of the block
    [InlineData(TestImage.Relocations + 4, 7)]
    [InlineData(TestImage.Relocations + 4, 16)]
    [InlineData(TestImage.Relocations + 4, 0xFFFF_FFFF)]
    [InlineData(TestImage.Relocations + 8, 0x5008)]         // a kind for other processors
    public void Load_WithABadRelocation_IsRefused(int offset, uint value)
    {
        var image = new TestImage();
        image.Put32(offset, value);

        Assert.Equal(PeStatus.BadRelocation, PeLoader.Load(image.File, new byte[TestImage.SizeOfImage], Address, out _));
    }

    [Fact]
    public void Load_OfASectionBeyondTheFile_IsRefused()
    {
        var image = new TestImage();
        image.Put32(TestImage.Sections + 20, 0x220);

        Assert.Equal(PeStatus.BadSection, PeLoader.Load(image.File, new byte[TestImage.SizeOfImage], Address, out _));
    }

    [Fact]
    public void Load_OfAFileWithAnyBytesChanged_EndsInAStatus() => Gen.Select(
        Gen.Int[0, 0x22F], Gen.Byte, Gen.Int[0, 0x22F], Gen.Byte, Gen.Int[0, 0x230]).Sample((first, one, second, other, length) =>
        {
            var image = new TestImage();
            image.File[first] = one;
            image.File[second] = other;
            PeStatus status = PeLoader.Load(image.File.AsSpan(0, length), new byte[TestImage.SizeOfImage], Address, out _);
            return Enum.IsDefined(status);
        });
}

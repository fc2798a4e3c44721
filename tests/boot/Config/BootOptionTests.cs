using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using CsCheck;
using Switcher.Boot.Config;
using Xunit;

namespace Switcher.Tests.Boot.Config;

public sealed class BootOptionTests
{
    internal static readonly byte[] End = [0x7F, 0xFF, 4, 0];

    // PciRoot(0)/Pci(1F,2)/Sata(0,FFFF,0)/HD(1,GPT,...)/\EFI\debian\shimx64.efi, as EDK2 and efibootmgr write it.
    private static readonly byte[] PciRoot = [2, 1, 12, 0, 0xD0, 0x41, 0x03, 0x0A, 0, 0, 0, 0];
    private static readonly byte[] Sata = [3, 18, 10, 0, 0, 0, 0xFF, 0xFF, 0, 0];
    private static readonly byte[] Usb = [3, 5, 6, 0, 1, 0];
    internal static readonly byte[] HardDrive =
    [
        4, 1, 42, 0, 1, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
        2, 2,
    ];

    [Fact]
    public void TryParse_OptionOfEfibootmgr_GivesItsParts()
    {
        byte[] path = [.. HardDrive, .. File(@"\EFI\debian\shimx64.efi"), .. End];
        byte[] variable = Option(1, "debian", path, [0xAA, 0xBB]);

        Assert.Equal(BootOptionStatus.Ok, BootOption.TryParse(variable, out BootOption option));
        Assert.True(option.IsActive);
        Assert.True(option.IsLoaderOnFixedDisk);
        Assert.Equal("debian", Encoding.Unicode.GetString(option.Description));
        Assert.Equal(path, option.FilePath.ToArray());
        Assert.Equal([0xAA, 0xBB], option.OptionalData.ToArray());

        List<string> nodes = [];
        foreach (DevicePathNode node in new DevicePathReader(option.FilePath))
        {
            if (node.TryGetHardDrive(out HardDriveNode disk))
            {
                Assert.Equal(1U, disk.PartitionNumber);
                Assert.Equal(0x800UL, disk.PartitionStart);
                Assert.Equal(0x100000UL, disk.PartitionSize);
                Assert.Equal(HardDrive[24..40], disk.PartitionSignature.ToArray());
                Assert.Equal(2, disk.PartitionFormat);
                Assert.Equal(2, disk.SignatureType);
                nodes.Add("HD");
            }
            else if (node.IsFilePath)
            {
                nodes.Add(Encoding.Unicode.GetString(node.FilePath));
            }
        }

        Assert.Equal(["HD", @"\EFI\debian\shimx64.efi"], nodes);
    }

    [Fact]
    public void TryParse_SeveralPaths_TakesTheFirst()
    {
        byte[] first = [.. PciRoot, .. Sata, .. HardDrive, .. File("a.efi"), .. End];
        byte[] paths = [.. first, .. HardDrive, .. End];

        Assert.Equal(BootOptionStatus.Ok, BootOption.TryParse(Option(0, "x", paths, [7]), out BootOption option));
        Assert.Equal(first, option.FilePath.ToArray());
        Assert.Equal([7], option.OptionalData.ToArray());
        Assert.False(option.IsActive);
    }

    [Fact]
    public void IsLoaderOnFixedDisk_OtherDevicesAndPrograms_IsFalse()
    {
        Assert.False(IsLoader(1, [.. PciRoot, .. Usb, .. HardDrive, .. File("a.efi"), .. End]));
        Assert.False(IsLoader(1, [.. PciRoot, .. Sata, .. End]));
        Assert.False(IsLoader(1, [.. HardDrive, .. End]));
        Assert.False(IsLoader(1, [.. File("a.efi"), .. End]));
        Assert.False(IsLoader(0x101, [.. HardDrive, .. File("a.efi"), .. End]));
        Assert.True(IsLoader(9, [.. PciRoot, .. Sata, .. HardDrive, .. File("a.efi"), .. End]));
    }

    [Fact]
    public void TryParse_BrokenParts_AreErrorsByName()
    {
        byte[] path = [.. HardDrive, .. File("a.efi"), .. End];
        byte[] good = Option(1, "x", path, []);

        Assert.Equal(BootOptionStatus.TooShort, Status([]));
        Assert.Equal(BootOptionStatus.TooShort, Status(good[..5]));
        Assert.Equal(BootOptionStatus.UnterminatedDescription, Status(good[..6]));
        Assert.Equal(BootOptionStatus.UnterminatedDescription, Status(good[..9]));
        Assert.Equal(BootOptionStatus.TooShort, Status(good[..^1]));
        Assert.Equal(BootOptionStatus.MalformedFilePath, Status(Option(1, "x", path[..^4], [])));
        Assert.Equal(BootOptionStatus.MalformedFilePath, Status(Option(1, "x", [4, 1, 3, 0], [])));
        Assert.Equal(BootOptionStatus.MalformedFilePath, Status(Option(1, "x", [4, 1, 0xFF, 0xFF, .. End], [])));
        Assert.Equal(BootOptionStatus.MalformedFilePath, Status(Option(1, "x", [], [])));
    }

    [Fact]
    public void TryParse_DamagedOption_StaysInsideItsBytes()
    {
        byte[] good = Option(1, "debian", [.. PciRoot, .. Sata, .. HardDrive, .. File("a.efi"), .. End], [1, 2, 3]);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length])
            .Sample((i, x, j, y, length) =>
        {
            byte[] bytes = (byte[])good.Clone();
            bytes[i] = x;
            bytes[j] = y;
            if (BootOption.TryParse(bytes.AsSpan(0, length), out BootOption option) != BootOptionStatus.Ok)
                return;
            int sum = 0;
            foreach (DevicePathNode node in new DevicePathReader(option.FilePath))
            {
                sum += node.Bytes.Length;
                Assert.True(node.FilePath.Length <= node.Data.Length);
                _ = node.TryGetHardDrive(out _);
            }

            Assert.InRange(option.FilePath.Length - sum, 4, ushort.MaxValue);
            _ = option.IsLoaderOnFixedDisk;
        });
    }

    private static bool IsLoader(uint attributes, byte[] path)
    {
        Assert.Equal(BootOptionStatus.Ok, BootOption.TryParse(Option(attributes, "x", path, []), out BootOption option));
        return option.IsLoaderOnFixedDisk;
    }

    private static BootOptionStatus Status(byte[] variable) => BootOption.TryParse(variable, out _);

    internal static byte[] File(string path)
    {
        byte[] text = Encoding.Unicode.GetBytes(path + "\0");
        return [4, 4, (byte)(text.Length + 4), (byte)((text.Length + 4) >> 8), .. text];
    }

    internal static byte[] Option(uint attributes, string description, byte[] paths, byte[] optional)
    {
        byte[] head = new byte[6];
        BinaryPrimitives.WriteUInt32LittleEndian(head, attributes);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(4), (ushort)paths.Length);
        return [.. head, .. Encoding.Unicode.GetBytes(description + "\0"), .. paths, .. optional];
    }
}

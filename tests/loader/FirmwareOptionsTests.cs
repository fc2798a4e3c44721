using System;
using System.Runtime.InteropServices;
using Switcher.Boot.Config;
using Switcher.Efi.Firmware;
using Switcher.Efi.Steps;
using Switcher.Efi.Uefi;
using Switcher.Tests.Loader.Firmware;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>Promise 10: what is in a loader's file says which system it starts, whatever the file's name is.</summary>
public sealed unsafe class FirmwareOptionsTests
{
    private readonly FakeFirmware _firmware = new();
    private readonly UefiFirmware* _own = (UefiFirmware*)NativeMemory.AllocZeroed((nuint)sizeof(UefiFirmware));
    private readonly FirmwareOptions _options;

    public FirmwareOptionsTests()
    {
        _own->Start(_firmware.Install(LoadedImage.Protocol, _firmware.Make<LoadedImage>()), _firmware.Table);
        _options = new FirmwareOptions(_own, isShown: false);
        Volume.Install(_firmware);
    }

    [Theory]
    [InlineData(0, 0, -1, true)]
    [InlineData(1, 1, -1, true)]
    [InlineData(200_000, 200_000, -1, true)]
    [InlineData(200_000, 200_000, 0, false)]
    [InlineData(200_000, 200_000, 65_536, false)]
    [InlineData(200_000, 200_000, 199_999, false)]
    [InlineData(200_000, 200_001, -1, false)]
    public void IsSameLoader_TwoFilesOfAVolume_AreComparedByTheirBytes(int size, int otherSize, int difference, bool expected)
    {
        byte[] first = Bytes(size);
        byte[] second = Bytes(otherSize);
        if (difference >= 0)
            second[difference] ^= 0x80;
        Volume.Add(@"\first.efi", first);
        Volume.Add(@"\second.efi", second);
        Assert.Equal(expected, IsSame(@"\first.efi", @"\second.efi"));
        Assert.Equal(expected, IsSame(@"\second.efi", @"\first.efi"));
    }

    [Fact]
    public void IsSameLoader_FileThatIsMissing_IsNot()
    {
        Volume.Add(@"\first.efi", Bytes(10));
        Assert.False(IsSame(@"\first.efi", @"\gone.efi"));
        Assert.False(IsSame(@"\gone.efi", @"\lost.efi"));
    }

    /// <summary>Across the border of what is read at once, too.</summary>
    [Theory]
    [InlineData(300_000, 0, true)]
    [InlineData(300_000, 65_530, true)]
    [InlineData(300_000, 131_000, true)]
    [InlineData(300_000, 299_930, true)]
    [InlineData(300_000, -1, false)]
    [InlineData(2_000_000, 1_000, false)]
    public void IsSwitcher_FileWithItsMark_IsWhateverItsName(int size, int place, bool expected)
    {
        byte[] file = Bytes(size);
        if (place >= 0)
            FirmwareOptions.Mark.CopyTo(file.AsSpan(place));
        Volume.Add(@"\renamed.efi", file);
        BootOption.TryParse(Variable(@"\renamed.efi"), out BootOption option);
        string before = _firmware.State;
        Assert.Equal(expected, _options.IsSwitcher(option));
        Assert.Equal(before, _firmware.State);
    }

    private bool IsSame(string a, string b)
    {
        BootOption.TryParse(Variable(a), out BootOption first);
        BootOption.TryParse(Variable(b), out BootOption second);
        string before = _firmware.State;
        bool isSame = _options.IsSameLoader(first, second);
        Assert.Equal(before, _firmware.State);
        return isSame;
    }

    /// <summary>A boot option in memory that does not move: the firmware gets pointers into it.</summary>
    private ReadOnlySpan<byte> Variable(string file)
    {
        DevicePath* path = Volume.PathOf(_firmware, file);
        int length = DevicePaths.Length(path);
        byte[] variable = [1, 0, 0, 0, (byte)length, 0, 0, 0, .. new ReadOnlySpan<byte>(path, length)];
        var copy = (byte*)NativeMemory.Alloc((nuint)variable.Length);
        variable.CopyTo(new Span<byte>(copy, variable.Length));
        return new ReadOnlySpan<byte>(copy, variable.Length);
    }

    private static byte[] Bytes(int size)
    {
        byte[] bytes = new byte[size];
        new Random(size / 2).NextBytes(bytes);
        return bytes;
    }
}

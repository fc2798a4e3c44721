using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Switcher.Boot.Config;
using Switcher.Boot.Plan;
using Switcher.Boot.Verdict;
using Switcher.Tests.Boot.Config;
using Xunit;

namespace Switcher.Tests.Boot.Verdict;

/// <summary>Promise 10: a system that runs twice destroys its own disk, and what is no system is none of Switcher's business.</summary>
public sealed class RepeatedSystemTests
{
    private const string Shim = @"\EFI\debian\shimx64.efi";
    private const string Windows = @"\EFI\Microsoft\Boot\bootmgfw.efi";
    private const string Fallback = @"\EFI\BOOT\BOOTX64.EFI";
    private const string Repeated = "left out: it starts the same system as an option before it";
    private const string OfTheDisk = "left out: the disk's own start, and another option starts a system of that disk";

    private readonly Dictionary<ushort, byte[]> _options = [];
    private readonly List<(int Number, string Text)> _warnings = [];

    [Fact]
    public void Default_LoaderUnderAnotherSpelling_IsTakenOnce()
    {
        Add(1, Shim);
        Add(2, Shim.ToUpperInvariant());
        Add(3, Windows);
        Add(4, Windows, "other options");
        Assert.Equal([1, 3], Choose([]));
        Assert.Equal([(2, Repeated), (4, Repeated)], _warnings);
    }

    /// <summary>The firmware's "UEFI OS" may come first.</summary>
    [Theory]
    [InlineData(new ushort[] { 1, 2, 3 })]
    [InlineData(new ushort[] { 3, 1, 2 })]
    public void Default_StartOfTheDiskBesideItsSystem_IsLeftOut(ushort[] order)
    {
        Add(1, Shim);
        Add(2, Windows);
        Add(3, Fallback);
        Assert.Equal([1, 2], Choose([], order));
        Assert.Equal([(3, OfTheDisk)], _warnings);
    }

    [Fact]
    public void Default_StartOfAnotherDisk_IsASystem()
    {
        Add(1, Shim);
        Add(2, Fallback, partition: 7);
        Assert.Equal([1, 2], Choose([]));
    }

    [Fact]
    public void Default_Tools_AreNoSystems()
    {
        Add(1, Shim);
        Add(2, Shim, @"\fwupdx64.efi");
        Add(3, @"\EFI\tools\shellx64.efi");
        Add(4, @"\EFI\memtest86\memtest86.efi");
        Add(5, Windows);
        Assert.Equal([1, 5], Choose([]));
    }

    /// <summary>One kernel with two roots is two systems; with one it is the same, however it is spelt.</summary>
    [Fact]
    public void List_OfOneLoaderTwice_GoesByItsOptions()
    {
        Add(1, @"\vmlinuz.efi", "root=/dev/sda2");
        Add(2, @"\VMLINUZ.EFI", "root=/dev/sda3");
        Add(3, @"\Vmlinuz.efi", "root=/dev/sda2");
        Assert.Equal([1, 2], Choose([1, 2, 3]));
        Assert.Equal([(3, Repeated)], _warnings);
    }

    [Fact]
    public void List_OfCopiesOfOneLoader_IsTakenAsWritten()
    {
        Add(1, @"\EFI\one\copy.efi");
        Add(2, @"\EFI\two\copy.efi");
        Add(3, Windows);
        Assert.Equal([1, 2], Choose([1, 2]));
        Assert.Equal([1, 3], Choose([]));
        Assert.Equal([(2, Repeated)], _warnings);
    }

    private int[] Choose(ushort[] listed, ushort[]? order = null)
    {
        var options = new Options(_options, _warnings);
        var chosen = new ushort[MemoryPlanner.MaximumGuests];
        var findings = new Findings();
        order ??= [.. _options.Keys];
        int count = GuestVerdict.Choose(ref options, listed, MemoryMarshal.AsBytes<ushort>(order), chosen, ref findings);
        return [.. chosen.Take(count).Select(number => (int)number)];
    }

    private void Add(ushort number, string path, string options = "", byte partition = 0)
    {
        byte[] drive = [.. BootOptionTests.HardDrive];
        drive[24] ^= partition;
        byte[] nodes = [.. drive, .. BootOptionTests.File(path), .. BootOptionTests.End];
        _options[number] = BootOptionTests.Option(1, "system", nodes, Encoding.Unicode.GetBytes(options));
    }

    private readonly struct Findings : IFindings
    {
        public void Add(Severity severity, scoped ReadOnlySpan<byte> sentence) => Assert.Fail(Encoding.ASCII.GetString(sentence));
    }

    private readonly struct Options(Dictionary<ushort, byte[]> options, List<(int Number, string Text)> warnings) : IBootOptions
    {
        public bool TryRead(ushort number, out ReadOnlySpan<byte> variable)
        {
            bool isThere = options.TryGetValue(number, out byte[]? value);
            variable = value;
            return isThere;
        }

        public bool IsSwitcher(in BootOption option) => false;

        public bool IsSameLoader(in BootOption a, in BootOption b) => LoaderPath.AreEqual(a, b) || (IsCopy(a) && IsCopy(b));

        public void Warn(ushort number, ReadOnlySpan<byte> text) => warnings.Add((number, Encoding.ASCII.GetString(text)));

        private static bool IsCopy(in BootOption option) => option.FilePath.IndexOf(Encoding.Unicode.GetBytes("copy.efi")) >= 0;
    }
}

using System;
using System.Linq;
using System.Text.Json;
using CsCheck;
using Switcher.Boot.Config;
using Switcher.Ctl.Install;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary><c>switcherctl install</c> and <c>uninstall</c>, and what <c>status</c> says of an installation.</summary>
public sealed class InstallTests : IDisposable
{
    private const string Place = "/boot/efi";
    private const string Image = "/usr/lib/switcher/Switcher.efi";
    private const string Loader = "boot/efi/EFI/Switcher/Switcher.efi";
    private static readonly Guid s_esp = GuidPartition.SystemPartitionType;
    private static readonly Guid s_data = new("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7");

    private readonly FakeLinux _linux = new();

    public InstallTests()
    {
        _linux.PutDisk("sda", 512, ("/mnt/data", s_data, "rw"), (Place, s_esp, "rw,relatime"));
        _linux.PutOptions("debian", "Fedora");
        _linux.Put(Image[1..], MakeImage());
        _linux.PutStatus("sleep=switch\nnext=\n", "debian active", "Fedora suspended");
    }

    public void Dispose() => _linux.Dispose();

    [Fact]
    public void Install_OnAMachineWithoutIt_CopiesAndIsFirst()
    {
        Assert.Equal((0, """
            Switcher will run on this machine.
            Changed:
              /boot/efi/EFI/Switcher/Switcher.efi: 1 KiB
              Boot0000: "Switcher", /boot/efi/EFI/Switcher/Switcher.efi
              BootOrder: 0000 0001 0002
            Systems: 0001 "debian", 0002 "Fedora". Switcher's menu asks, unless 'switcherctl config set guests' chose.

            """, ""), Install());
        Assert.Equal(MakeImage(), _linux.Bytes(Loader));
        Assert.Equal([7, 0, 0, 0, 0, 0, 1, 0, 2, 0], _linux.FirmwareVariable("BootOrder"));
        AssertOption(_linux.FirmwareVariable("Boot0000")!, 2, 0x1000, 0x800, "sda");
    }

    [Fact]
    public void Install_Again_ChangesNothing()
    {
        Install();
        var before = _linux.Snapshot("boot");
        (int exit, string output, string errors) = Install();
        Assert.Equal((0, ""), (exit, errors));
        Assert.Contains("Nothing to change: Switcher is installed and first in the firmware's order.\n", output, StringComparison.Ordinal);
        Assert.Equal(before, _linux.Snapshot("boot"));
        Assert.Empty(_linux.Events);
    }

    [Fact]
    public void Install_NewerImage_ReplacesTheFileAlone()
    {
        Install();
        _linux.Put(Image[1..], [.. MakeImage(), 1]);
        (_, string output, _) = Install("--json");
        JsonElement json = JsonDocument.Parse(output).RootElement;
        Assert.Equal(["/boot/efi/EFI/Switcher/Switcher.efi: 2 KiB"],
            json.GetProperty("changes").EnumerateArray().Select(change => change.GetString()));
        Assert.Equal(("ok", true), (json.GetProperty("verdict").GetString(), json.GetProperty("changed").GetBoolean()));
        Assert.Equal(1025, _linux.Bytes(Loader).Length);
    }

    [Theory]
    [InlineData("install --image " + Image + " --dry-run")]
    [InlineData("uninstall --dry-run")]
    public void DryRun_Always_SaysItAndChangesNothing(string line)
    {
        if (line[0] == 'u')
            Install();
        _linux.IsRoot = false;
        var before = _linux.Snapshot("boot");
        (int exit, string output, string errors) = _linux.Run(line.Split(' '));
        Assert.Equal((0, ""), (exit, errors));
        Assert.Contains("Would change:\n  ", output, StringComparison.Ordinal);
        Assert.Equal(before, _linux.Snapshot("boot"));
    }

    /// <summary>What was there before is there again, but for what is said to go: the settings, unless they are to stay.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Uninstall_AfterInstall_LeavesTheStoreAsItWas(bool keepsSettings)
    {
        var before = _linux.Snapshot("boot");
        Install();
        _linux.PutVariable("SwitcherTimeout", 9, 0);
        _linux.Freeze("SwitcherTimeout");
        string[] options = keepsSettings ? ["--keep-settings"] : [];
        (int exit, string output, string errors) = _linux.Run(["uninstall", .. options]);
        Assert.Equal((0, ""), (exit, errors));
        Assert.EndsWith("The Switcher that runs stays until the machine restarts.\n", output, StringComparison.Ordinal);
        Assert.Equal(keepsSettings, _linux.Variable("SwitcherTimeout") != null);
        if (keepsSettings)
            _linux.Run("config", "unset", "timeout");
        Assert.Equal(before, _linux.Snapshot("boot"));
        Assert.Contains("Nothing to change", _linux.Run("uninstall").Output, StringComparison.Ordinal);
    }

    /// <summary>Whatever the store says of others, they keep it, and their order; Switcher's comes first, once.</summary>
    [Fact]
    public void Install_AnyBootOrder_KeepsTheOthersInTheirOrder() => Gen.UShort[0, 9].Array[0, 6].Sample(order =>
    {
        using FakeLinux linux = new();
        linux.PutDisk("sda", 4096, (Place, s_esp, "rw"));
        linux.PutOptions("debian", "Fedora");
        linux.PutFirmwareVariable("BootOrder", [.. order.SelectMany(BitConverter.GetBytes)]);
        linux.PutStatus("sleep=switch\nnext=\n", "debian active");
        linux.Put(Image[1..], MakeImage());
        Assert.Equal(0, linux.Run("install", "--image", Image).Exit);
        ushort[] now = [.. linux.FirmwareVariable("BootOrder")![4..].Chunk(2).Select(bytes => BitConverter.ToUInt16(bytes))];
        Assert.Equal(order, now[1..]);
        Assert.DoesNotContain(now[0], order.Append((ushort)1).Append((ushort)2));
        Assert.Equal(0, linux.Run("uninstall").Exit);
        Assert.Equal(order, linux.FirmwareVariable("BootOrder")![4..].Chunk(2).Select(bytes => BitConverter.ToUInt16(bytes)));
    }, iter: 100);

    /// <summary>The last step fails as it does where the firmware is full: what was before is there.</summary>
    [Fact]
    public void Install_WithAFullStore_LeavesNothingBehind()
    {
        _linux.Delete("sys/firmware/efi/efivars/BootOrder-8be4df61-93ca-11d2-aa0d-00e098032b8c");
        _linux.FillFile("sys/firmware/efi/efivars/BootOrder-8be4df61-93ca-11d2-aa0d-00e098032b8c");
        (int exit, string output, string errors) = Install();
        Assert.Equal((10, ""), (exit, output));
        Assert.Contains("BootOrder was refused and is what it was", errors, StringComparison.Ordinal);
        Assert.Null(_linux.FirmwareVariable("Boot0000"));
        Assert.False(_linux.Exists("boot/efi/EFI/Switcher"));
    }

    [Fact]
    public void Install_OnAFullPartition_LeavesTheOldFile()
    {
        _linux.Put(Loader, "old");
        _linux.FillFile(Loader + ".new");
        (int exit, _, string errors) = Install();
        Assert.Equal(13, exit);
        Assert.Contains("could not be changed", errors, StringComparison.Ordinal);
        Assert.Equal("old", _linux.Text(Loader));
        Assert.False(_linux.Exists(Loader + ".new"));
        Assert.Null(_linux.FirmwareVariable("Boot0000"));
    }

    [Theory]
    [InlineData("--image /none", 13, "name Switcher.efi by --image.")]
    [InlineData("--image /proc/mounts", 13, "is no program for this firmware; name Switcher.efi by --image.")]
    [InlineData("--esp /mnt/data", 12, "shows where.")]
    [InlineData("--repair", 13, "leave --repair out to install it.")]
    public void Install_WhatCannotBe_SaysWhy(string options, int status, string end)
    {
        (int exit, string output, string errors) = _linux.Run(["install", .. options.Split(' ')]);
        Assert.Equal((status, ""), (exit, output));
        Assert.EndsWith(end + "\n", errors, StringComparison.Ordinal);
        Assert.Null(_linux.FirmwareVariable("Boot0000"));
    }

    [Fact]
    public void Install_WithSeveralPartitions_AsksWhich()
    {
        _linux.PutDisk("sdb", 4096, ("/efi", s_esp, "rw"), ("/readonly", s_esp, "ro"));
        (int exit, _, string errors) = Install();
        Assert.Equal((12, true), (exit, errors.EndsWith("/boot/efi, /efi, /readonly; choose one by --esp.\n", StringComparison.Ordinal)));
        (exit, _, errors) = Install("--esp", "/readonly");
        Assert.Equal((12, true), (exit, errors.EndsWith("'mount -o remount,rw /readonly' as root.\n", StringComparison.Ordinal)));
        Assert.Equal(0, Install("--esp", "/efi/").Exit);
        AssertOption(_linux.FirmwareVariable("Boot0000")!, 1, 0x800, 0x800, "sdb");
    }

    [Fact]
    public void Install_WhereItWillNotRun_NeedsForce()
    {
        _linux.Delete("sys/firmware/efi/efivars/SwitcherStatus-5e7b3c0a-9d1f-4c52-8a66-3f0c2d9b71e4");
        _linux.Put("proc/cpuinfo", "processor : 0\nvendor_id : AuthenticAMD\nflags : fpu\n");
        (int exit, string output, string errors) = Install();
        Assert.Equal((1, ""), (exit, output));
        Assert.StartsWith("switcherctl: Switcher will not run on this machine: ", errors, StringComparison.Ordinal);
        Assert.Null(_linux.FirmwareVariable("Boot0000"));
        (exit, output, _) = Install("--force");
        Assert.Equal((0, true), (exit, output.StartsWith("Switcher will not run on this machine: ", StringComparison.Ordinal)));
        Assert.NotNull(_linux.FirmwareVariable("Boot0000"));
    }

    /// <summary>What others do to the store is seen, and mended without the image.</summary>
    [Fact]
    public void Repair_AfterOthersChangedTheOrder_PutsItFirstAgain()
    {
        const string AtNextStart = "At the machine's next start Switcher may not be there: its boot option 0000 ";
        Install();
        Assert.DoesNotContain("next start", _linux.Run("status").Output, StringComparison.Ordinal);
        _linux.PutFirmwareVariable("BootOrder", 2, 0, 0, 0, 1, 0);
        Assert.EndsWith(AtNextStart + "comes after 0002 \"Fedora\"; 'switcherctl install --repair' puts it first.\n",
            _linux.Run("status").Output, StringComparison.Ordinal);
        Repair(2, 1);

        _linux.PutFirmwareVariable("BootOrder", 1, 0);
        Assert.Contains(AtNextStart + "is not in the firmware's order", _linux.Run("status").Output, StringComparison.Ordinal);
        Repair(1);

        // Switched off, as firmware does it with what it could not find once.
        byte[] option = _linux.FirmwareVariable("Boot0000")![4..];
        option[0] = 0;
        _linux.PutFirmwareVariable("Boot0000", option);
        Assert.Contains(AtNextStart + "is switched off", _linux.Run("status").Output, StringComparison.Ordinal);
        Repair(1);

        _linux.Delete("sys/firmware/efi/efivars/Boot0000-8be4df61-93ca-11d2-aa0d-00e098032b8c");
        _linux.Delete("sys/firmware/efi/efivars/SwitcherStatus-5e7b3c0a-9d1f-4c52-8a66-3f0c2d9b71e4");
        (int exit, _, string errors) = _linux.Run("status");
        Assert.Equal((1, "switcherctl: Switcher does not run on this machine: it has no boot option; 'switcherctl install' makes one.\n"),
            (exit, errors));
    }

    [Fact]
    public void Partition_OfADamagedTable_IsNone()
    {
        foreach (int place in new[] { 512, 512 + 72, 512 + 80, 512 + 84, 1024 + 128 + 33 })
        {
            byte[] disk = _linux.Bytes("dev/sda");
            disk[place] = place == 512 + 80 ? (byte)1 : (byte)0xFF;
            _linux.Put("dev/sda", disk);
            (int exit, _, string errors) = Install();
            Assert.Equal((12, true), (exit, errors.Contains("No EFI system partition is mounted", StringComparison.Ordinal)));
            _linux.PutDisk("sda", 512, ("/mnt/data", s_data, "rw"), (Place, s_esp, "rw,relatime"));
        }
        _linux.Put("dev/sda", "short");
        Assert.Equal(12, Install().Exit);
    }

    /// <summary>The smallest image that a firmware would take for a program.</summary>
    internal static byte[] MakeImage()
    {
        byte[] image = new byte[1024];
        "MZ"u8.CopyTo(image);
        image[0x3C] = 0x40;
        "PE\0\0"u8.CopyTo(image.AsSpan(0x40));
        (image[0x44], image[0x45], image[0x46]) = (0x64, 0x86, 0);
        image[0x54] = 112;
        (image[0x58], image[0x59]) = (0x0B, 0x02);
        Span<byte> optional = image.AsSpan(0x58);
        (optional[17], optional[33], optional[37], optional[57], optional[61], optional[68]) = (0x04, 0x10, 0x02, 0x10, 0x04, 10);
        return image;
    }

    private (int Exit, string Output, string Errors) Install(params string[] more) =>
        _linux.Run(["install", "--image", Image, .. more]);

    private void Repair(params ushort[] others)
    {
        Assert.Equal(0, _linux.Run("install", "--repair").Exit);
        Assert.Equal([7, 0, 0, 0, 0, 0, .. others.SelectMany(BitConverter.GetBytes)], _linux.FirmwareVariable("BootOrder"));
        AssertOption(_linux.FirmwareVariable("Boot0000")!, 2, 0x1000, 0x800, "sda");
    }

    private static void AssertOption(byte[] variable, uint number, ulong start, ulong blocks, string disk)
    {
        Assert.Equal(BootOptionStatus.Ok, BootOption.TryParse(variable.AsSpan(4), out BootOption option));
        Assert.True(option.IsActive && option.IsLoaderOnFixedDisk);
        DevicePathReader nodes = new(option.FilePath);
        Assert.True(nodes.MoveNext() && nodes.Current.TryGetHardDrive(out _));
        nodes.Current.TryGetHardDrive(out HardDriveNode drive);
        Assert.Equal((number, start, blocks, (byte)2, (byte)2),
            (drive.PartitionNumber, drive.PartitionStart, drive.PartitionSize, drive.PartitionFormat, drive.SignatureType));
        Assert.Equal(FakeLinux.PartitionId(disk, (int)number), new Guid(drive.PartitionSignature));
    }
}

using System;
using System.Collections.Generic;

namespace Switcher.Ctl.Live;

/// <summary>What is mounted here and what else lies on the disks, as far as it matters when two systems share them.</summary>
public sealed class Storage
{
    private Storage()
    {
    }

    /// <summary>Mount points of local, writable file systems other than the EFI system partition.</summary>
    public List<string> Writable { get; } = [];

    /// <summary>Where the EFI system partition is mounted writable; null when it is not.</summary>
    public string? WritableEsp { get; private set; }

    /// <summary>Devices in use as swap.</summary>
    public List<string> Swap { get; } = [];

    /// <summary>Partitions with NTFS on them, and those encrypted by BitLocker.</summary>
    public List<string> Ntfs { get; } = [];
    public List<string> BitLocker { get; } = [];

    public static Storage Read(LinuxFiles files)
    {
        Storage storage = new();
        foreach (Mount mount in Mount.All(files))
        {
            if (mount is not { BlockDevice: not null, IsWritable: true })
                continue;
            if (mount.Type == "vfat" && IsEspPlace(mount.Place))
                storage.WritableEsp = mount.Place;
            else if (!storage.Writable.Contains(mount.Place))
                storage.Writable.Add(mount.Place);
        }
        string[] swaps = (files.ReadText("proc/swaps") ?? "").Split('\n');
        for (int i = 1; i < swaps.Length; i++)
        {
            string[] words = swaps[i].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && words[0].StartsWith("/dev/", StringComparison.Ordinal)
                && !words[0].Contains("zram", StringComparison.Ordinal))
                storage.Swap.Add(words[0]);
        }
        storage.ReadPartitions(files);
        return storage;
    }

    private void ReadPartitions(LinuxFiles files)
    {
        foreach (string name in files.List("sys/class/block"))
        {
            if (!files.Exists($"sys/class/block/{name}/partition") || files.ReadStart($"dev/{name}", 11) is not { Length: 11 } start)
                continue;
            ReadOnlySpan<byte> signature = start.AsSpan(3);
            if (signature.SequenceEqual("NTFS    "u8))
                Ntfs.Add($"/dev/{name}");
            else if (signature.SequenceEqual("-FVE-FS-"u8))
                BitLocker.Add($"/dev/{name}");
        }
    }

    private static bool IsEspPlace(string place) => place is "/boot" or "/boot/efi" or "/efi" or "/boot/EFI";
}

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
        foreach (string line in (files.ReadText("proc/mounts") ?? "").Split('\n'))
        {
            string[] words = line.Split(' ');
            if (words.Length < 4 || !words[0].StartsWith("/dev/", StringComparison.Ordinal) || Array.IndexOf(words[3].Split(','), "rw") < 0)
                continue;
            string place = words[1].Replace("\\040", " ", StringComparison.Ordinal);
            if (words[2] == "vfat" && IsEspPlace(place))
                storage.WritableEsp = place;
            else if (!storage.Writable.Contains(place))
                storage.Writable.Add(place);
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

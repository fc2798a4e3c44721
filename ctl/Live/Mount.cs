using System;
using System.Collections.Generic;

namespace Switcher.Ctl.Live;

/// <summary>A file system that is mounted: a line of <c>/proc/mounts</c>, Linux manual, fstab(5).</summary>
/// <param name="Device">What is mounted.</param>
/// <param name="Place">Where.</param>
/// <param name="Type">The file system's.</param>
/// <param name="Options">How.</param>
public sealed record Mount(string Device, string Place, string Type, string[] Options)
{
    private const string Devices = "/dev/";

    public bool IsReadOnly => Array.IndexOf(Options, "ro") >= 0;
    public bool IsWritable => Array.IndexOf(Options, "rw") >= 0;

    /// <summary>The block device's name, as <c>sda1</c>; null if it is none.</summary>
    public string? BlockDevice => Device.StartsWith(Devices, StringComparison.Ordinal) ? Device[Devices.Length..] : null;

    /// <summary>All of them, in the order in which they were mounted.</summary>
    public static IEnumerable<Mount> All(LinuxFiles files)
    {
        foreach (string line in (files.ReadText("proc/mounts") ?? "").Split('\n'))
        {
            if (line.Split(' ') is [var device, var place, var type, var options, ..])
                yield return new Mount(device, place.Replace("\\040", " ", StringComparison.Ordinal), type, options.Split(','));
        }
    }
}

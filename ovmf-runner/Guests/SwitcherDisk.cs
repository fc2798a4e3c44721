using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Images;
using Switcher.Runner.Prepare;

namespace Switcher.Runner.Guests;

/// <summary>The disk that a test machine boots from: the set-up program, Switcher, and every guest's boot files.</summary>
public static class SwitcherDisk
{
    private const string RemovableLoader = @"\EFI\BOOT\BOOTX64.EFI";

    /// <summary>The same at each start, so that the firmware's variables, which refer to it, can be compared between machines.</summary>
    private static readonly Guid s_partition = new("7d0c8f0e-5c3a-4f57-9d0e-6f1f3a5b2c01");

    /// <summary>Writes the disk.</summary>
    /// <param name="guests">The guests; the first starts first.</param>
    /// <param name="folder">Where it goes, as <c>system.img</c>.</param>
    /// <param name="setupLines">Further lines for the set-up program.</param>
    /// <returns>The image's path.</returns>
    public static async Task<string> WriteAsync(
        Cache cache, Artifacts artifacts, IReadOnlyList<Guest> guests, string folder, CancellationToken cancel,
        params IReadOnlyList<string> setupLines)
    {
        string setup = Path.Combine(folder, "switcher-setup.txt");
        await File.WriteAllTextAsync(setup, SetupFile.Format(guests, setupLines), cancel);
        var disk = new SystemDisk { PartitionId = s_partition };
        disk.Add(RemovableLoader, artifacts.Setup);
        disk.Add(SetupFile.SwitcherPath, artifacts.Switcher);
        disk.Add(SetupFile.EspPath, setup);
        foreach (Guest guest in guests)
        {
            foreach ((string espPath, string hostPath) in guest.Files)
                disk.Add(espPath, hostPath);
        }

        string image = Path.Combine(folder, "system.img");
        await disk.WriteAsync(cache, image, cancel);
        return image;
    }

    /// <summary>
    /// Writes a disk for a real machine: Switcher alone, where firmware starts it from a removable disk. It changes nothing there.
    /// </summary>
    public static async Task WriteRemovableAsync(Cache cache, Artifacts artifacts, string image, CancellationToken cancel)
    {
        var disk = new SystemDisk();
        disk.Add(RemovableLoader, artifacts.Switcher);
        await disk.WriteAsync(cache, image, cancel);
    }
}

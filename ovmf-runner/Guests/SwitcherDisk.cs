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

    /// <summary>Writes the disk.</summary>
    /// <param name="guests">The guests; the first starts first.</param>
    /// <param name="folder">Where it goes, as <c>system.img</c>.</param>
    /// <param name="partition">Identifies its partition; null for another one each time.</param>
    /// <param name="isChosen">Whether the set-up program says which guests run.</param>
    /// <param name="setupLines">Further lines for the set-up program.</param>
    /// <returns>The image's path.</returns>
    public static async Task<string> WriteAsync(
        Cache cache, Artifacts artifacts, IReadOnlyList<Guest> guests, string folder, CancellationToken cancel, Guid? partition = null,
        bool isChosen = true, params IReadOnlyList<string> setupLines)
    {
        string setup = Path.Combine(folder, "switcher-setup.txt");
        await File.WriteAllTextAsync(setup, SetupFile.Format(guests, isChosen, setupLines), cancel);
        var disk = new SystemDisk { PartitionId = partition ?? Guid.NewGuid() };
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

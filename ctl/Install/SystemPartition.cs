using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Switcher.Ctl.Live;

namespace Switcher.Ctl.Install;

/// <summary>An EFI system partition that is mounted: UEFI 2.10, 13.3 "File System Format".</summary>
/// <param name="Place">Where it is mounted.</param>
/// <param name="IsWritable">Whether it is so writable.</param>
/// <param name="Partition">Where it is on its disk.</param>
public sealed record SystemPartition(string Place, bool IsWritable, GuidPartition Partition)
{
    /// <summary>The loader's path, as the firmware names it.</summary>
    public const string LoaderPath = @"\EFI\Switcher\Switcher.efi";

    /// <summary>The loader's folder here.</summary>
    public string Folder => $"{Place.TrimEnd('/')}/EFI/Switcher";

    /// <summary>The loader's file here.</summary>
    public string Loader => $"{Folder}/Switcher.efi";

    /// <summary>All that are mounted, each once.</summary>
    public static IReadOnlyList<SystemPartition> Mounted(LinuxFiles files)
    {
        List<SystemPartition> found = [];
        foreach (Mount mount in Mount.All(files))
        {
            if (mount is not { BlockDevice: { } device, Type: "vfat" } || PartitionOf(files, device) is not { } partition
                || partition.Type != GuidPartition.SystemPartitionType || found.Any(other => other.Partition == partition))
                continue;
            found.Add(new SystemPartition(mount.Place, mount.IsWritable, partition));
        }
        return found;
    }

    /// <summary>The one to install to.</summary>
    /// <param name="files">Of the Linux.</param>
    /// <param name="place">Where the user says that it is mounted, or null for the only one.</param>
    /// <exception cref="CtlFailure">There is none such, or it cannot be written to.</exception>
    public static SystemPartition Choose(LinuxFiles files, string? place)
    {
        IReadOnlyList<SystemPartition> mounted = Mounted(files);
        if (place != null)
            mounted = [.. mounted.Where(esp => esp.Place.TrimEnd('/') == place.TrimEnd('/'))];
        SystemPartition esp = mounted switch
        {
            [var one] => one,
            [] => throw Failure(place == null
                ? "No EFI system partition is mounted; mount it, usually at /boot/efi ('lsblk -o NAME,PARTTYPENAME' shows which it is)."
                : $"No EFI system partition of a GPT is mounted at {place}; 'lsblk -o NAME,PARTTYPENAME,MOUNTPOINT' shows where."),
            _ => throw Failure($"Several EFI system partitions are mounted: {string.Join(", ", mounted.Select(esp => esp.Place))}; choose "
                + "one by --esp."),
        };
        return esp.IsWritable ? esp : throw Failure($"{esp.Place} is mounted read-only; run 'mount -o remount,rw {esp.Place}' as root.");
    }

    private static CtlFailure Failure(string message) => new(ExitStatus.NoSystemPartition, message);

    private static GuidPartition? PartitionOf(LinuxFiles files, string name)
    {
        foreach (string disk in files.List("sys/block"))
        {
            if (uint.TryParse(
                files.ReadText($"sys/block/{disk}/{name}/partition"), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture,
                out uint number))
                return GuidPartition.Read(files, disk, number);
        }
        return null;
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Prepare;
using Switcher.Runner.Processes;

namespace Switcher.Runner.Images;

/// <summary>A disk image with one EFI system partition, filled from files of this machine. Its holes take no space.</summary>
public sealed class SystemDisk
{
    /// <summary>
    /// A FAT32 file system of this size has enough clusters of 4 KiB to be one (65,525), and firmware everywhere accepts it.
    /// </summary>
    private const long SmallestDisk = 300 << 20;

    private const long Mebibyte = 1 << 20;
    private const string SectorsPerCluster = "8";

    private readonly SortedDictionary<string, string> _files = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Identifies the partition in boot options; another one for each disk by itself.</summary>
    public Guid PartitionId { get; init; } = Guid.NewGuid();

    /// <summary>Adds a file.</summary>
    /// <param name="espPath">Its place on the partition, as firmware writes it: <c>\EFI\BOOT\BOOTX64.EFI</c>.</param>
    /// <param name="hostPath">The file to copy.</param>
    public void Add(string espPath, string hostPath) => _files[espPath.Replace('\\', '/').TrimStart('/')] = hostPath;

    /// <summary>Writes the image.</summary>
    /// <exception cref="RunnerException">A file is missing, or the partition could not be made.</exception>
    public async Task WriteAsync(Cache cache, string image, CancellationToken cancel)
    {
        foreach (string file in _files.Values.Where(file => !File.Exists(file)))
            throw new RunnerException($"{file} is missing");
        long content = _files.Values.Sum(file => new FileInfo(file).Length);
        long size = Math.Max(SmallestDisk, (content + (content >> 3) + 64 * Mebibyte) / Mebibyte * Mebibyte);
        await using (FileStream disk = new(image, FileMode.Create))
        {
            disk.SetLength(size);
            GuidPartitionTable.Write(disk, Guid.NewGuid(), PartitionId);
        }

        string sectors = GuidPartitionTable.PartitionSectors(size / GuidPartitionTable.SectorSize).ToString(CultureInfo.InvariantCulture);
        await MtoolsAsync("mformat", ["-F", "-c", SectorsPerCluster, "-T", sectors, "-H", "2048", "-v", "SWITCHER", "::"]);
        string[] folders = [.. _files.Keys.SelectMany(Parents).Distinct(StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.OrdinalIgnoreCase)];
        if (folders.Length > 0)
            await MtoolsAsync("mmd", [.. folders.Select(folder => "::/" + folder)]);
        foreach ((string espPath, string hostPath) in _files)
            await MtoolsAsync("mcopy", [hostPath, "::/" + espPath]);

        async Task MtoolsAsync(string program, IReadOnlyList<string> arguments)
        {
            string partition = $"{image}@@{GuidPartitionTable.FirstSector * GuidPartitionTable.SectorSize}";
            Command command = RootProgram.Create(cache, $"usr/bin/{program}", ["-i", partition, .. arguments]);
            command.Environment["MTOOLS_SKIP_CHECK"] = "1";
            await command.RunOrThrowAsync($"write {image}", cancel);
        }
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (int slash = path.IndexOf('/'); slash > 0; slash = path.IndexOf('/', slash + 1))
            yield return path[..slash];
    }
}

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Prepare;
using Switcher.Runner.Processes;

namespace Switcher.Runner.Images;

/// <summary>A guest's own disk: an empty ext4 file system over the whole of it, found by its identifier.</summary>
public static class DataDisk
{
    /// <summary>Size of the disk in bytes: room for the agent's files and its load generator.</summary>
    private const long Size = 128 << 20;

    /// <summary>Makes the image.</summary>
    public static async Task WriteAsync(Cache cache, string image, Guid fileSystem, CancellationToken cancel)
    {
        await using (FileStream disk = new(image, FileMode.Create))
            disk.SetLength(Size);
        Command command = RootProgram.Create(cache, "usr/sbin/mke2fs", ["-q", "-F", "-t", "ext4", "-U", fileSystem.ToString(), image]);
        command.Environment["MKE2FS_CONFIG"] = cache.InRoot("etc", "mke2fs.conf");
        await command.RunOrThrowAsync($"make the file system {image}", cancel);
    }
}

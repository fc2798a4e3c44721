using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Images;
using Switcher.Runner.Prepare;

namespace Switcher.Runner.Guests;

/// <summary>Makes a guest out of one of Debian's kernels and the agent, with a disk of its own.</summary>
/// <param name="Name">The guest's name, unique on its machine.</param>
/// <param name="Flavour">The kernel.</param>
/// <param name="Transport">How its disk is attached.</param>
public sealed record DebianGuest(string Name, DebianFlavour Flavour, DiskTransport Transport)
{
    /// <summary>Messages from "error" upwards come to the console; nothing here is needed by Switcher.</summary>
    public const string DefaultOptions = "console=ttyS0 quiet";

    /// <summary>The kernel's command line.</summary>
    public string Options { get; init; } = DefaultOptions;

    /// <summary>Its memory, as Switcher's variable takes it; Switcher's own choice when null.</summary>
    public string? Memory { get; init; }

    /// <summary>How the disk is attached that the firmware boots from: the guest has that driver too.</summary>
    public DiskTransport SystemTransport { get; init; } = DiskTransport.Ahci;

    /// <summary>Whether a shell waits on the console.</summary>
    public bool Interactive { get; init; }

    /// <summary>Builds boot files and disk.</summary>
    /// <param name="cache">The unpacked packages.</param>
    /// <param name="agent">The agent's program file.</param>
    /// <param name="folder">Where the files go.</param>
    public async Task<Guest> BuildAsync(Cache cache, string agent, string folder, CancellationToken cancel)
    {
        Kernel kernel = Kernel.Find(cache, Flavour);
        bool isUnified = Flavour == DebianFlavour.Cloud;
        string disk = Path.Combine(folder, $"{Name}.disk");
        var fileSystem = Guid.NewGuid();
        await DataDisk.WriteAsync(cache, disk, fileSystem, cancel);
        byte[] initramfs = new Initramfs(Name, fileSystem, [Transport, SystemTransport], agent, Interactive).Build(cache, kernel);
        List<string> settings = Memory is null ? [] : [$"memory={Memory}"];
        var files = new Dictionary<string, string>();
        var guest = new Guest(Name, $@"\EFI\{Name}\linux.efi", isUnified ? "" : Options, HasAgent: true)
        {
            Settings = settings,
            Files = files,
            Disk = new AttachedDisk(disk, Transport),
        };
        if (!isUnified)
        {
            string initrd = Path.Combine(folder, $"{Name}.initrd");
            await File.WriteAllBytesAsync(initrd, initramfs, cancel);
            files[guest.Loader] = kernel.Image;
            files[$@"\EFI\{Name}\initrd.img"] = initrd;
            settings.Add($@"initrd=\EFI\{Name}\initrd.img");
            return guest;
        }

        string stub = cache.InRoot("usr", "lib", "systemd", "boot", "efi", "linuxx64.efi.stub");
        byte[] image = UnifiedKernelImage.Build(File.ReadAllBytes(stub), File.ReadAllBytes(kernel.Image), initramfs, Options);
        files[guest.Loader] = Path.Combine(folder, $"{Name}.efi");
        await File.WriteAllBytesAsync(files[guest.Loader], image, cancel);
        return guest;
    }
}

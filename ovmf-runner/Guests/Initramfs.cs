using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using Switcher.Runner.Images;
using Switcher.Runner.Prepare;

namespace Switcher.Runner.Guests;

/// <summary>
/// Builds a Debian guest's initial root file system: busybox, the modules for its disk, the agent, and a script that starts it.
/// </summary>
/// <param name="Name">The guest's name, which the agent puts into every line.</param>
/// <param name="FileSystem">Identifies the file system of its own disk.</param>
/// <param name="Transports">Which drivers its disks need.</param>
/// <param name="Agent">The agent's program file.</param>
/// <param name="Interactive">Whether a shell waits on the console.</param>
public sealed record Initramfs(string Name, Guid FileSystem, IReadOnlyList<DiskTransport> Transports, string Agent, bool Interactive)
{
    /// <summary>
    /// The agent talks over the second serial port, so that kernel messages on the console cannot tear its lines apart.
    /// Disks are probed in the background: the file system appears some time after its driver was loaded.
    /// </summary>
    private const string Script = """
        #!/bin/busybox sh
        export PATH=/bin
        /bin/busybox --install -s /bin
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t devtmpfs dev /dev
        while read -r module; do insmod "$module" || echo "init: cannot load $module"; done < /etc/modules
        read -r name uuid interactive < /etc/guest
        hostname "$name"
        until device=$(findfs "UUID=$uuid" 2>/dev/null); do sleep 0.1; done
        # A guest that is never done with reading when it ends.
        if grep -q busy-disks /proc/cmdline; then
            while true; do
                echo 3 > /proc/sys/vm/drop_caches
                for disk in /dev/nvme?n1 /dev/vd? /dev/sd?; do [ -b "$disk" ] && dd "if=$disk" of=/dev/null bs=64k 2>/dev/null; done
            done &
        fi
        mkdir -p /data
        mount -t ext4 "$device" /data || echo "init: cannot mount $device"
        if [ "$interactive" = shell ]; then
            agent "$name" /dev/ttyS1 &
            echo "Guest $name: 'echo mem > /sys/power/state' switches to the next guest."
            while true; do setsid cttyhack sh; done
        fi
        agent "$name" /dev/ttyS1
        echo "init: the agent ended with status $?"
        poweroff -f

        """;

    /// <summary>
    /// Variables, non-volatile DIMMs, the guest's own file system and the one that firmware boots from. ext4 asks for its checksum by name
    /// at mount time, when nothing here could load it, and vfat for its character sets: so they come first.
    /// </summary>
    private static readonly string[] s_modules =
        ["efivarfs", "nfit", "crc32c_generic", "ext4", "nls_cp437", "nls_ascii", "vfat"];

    /// <summary>Builds the compressed archive.</summary>
    public byte[] Build(Cache cache, Kernel kernel)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        using (var archive = new CpioWriter(gzip))
            Fill(archive, cache, kernel);
        return compressed.ToArray();
    }

    private void Fill(CpioWriter archive, Cache cache, Kernel kernel)
    {
        foreach (string folder in (string[])["bin", "dev", "etc", "lib", "lib/modules", "proc", "root", "sys", "tmp"])
            archive.AddDirectory(folder);
        archive.AddCharacterDevice("dev/console", 5, 1);
        archive.AddCharacterDevice("dev/null", 1, 3);
        archive.AddFile("bin/busybox", File.ReadAllBytes(cache.InRoot("usr", "bin", "busybox")), executable: true);
        archive.AddFile("bin/agent", File.ReadAllBytes(Agent), executable: true);
        archive.AddFile("init", Encoding.UTF8.GetBytes(Script), executable: true);
        archive.AddFile("etc/guest", Encoding.UTF8.GetBytes($"{Name} {FileSystem} {(Interactive ? "shell" : "agent")}\n"));
        IReadOnlyList<string> modules = KernelModules.Read(kernel).LoadOrder(
            [.. s_modules, .. Transports.SelectMany(ModulesFor).Distinct()]);
        foreach (string module in modules)
            archive.AddFile("lib/modules/" + Path.GetFileName(module), File.ReadAllBytes(Path.Combine(kernel.ModuleFolder, module)));
        string list = string.Concat(modules.Select(module => $"/lib/modules/{Path.GetFileName(module)}\n"));
        archive.AddFile("etc/modules", Encoding.UTF8.GetBytes(list));
    }

    private static IReadOnlyList<string> ModulesFor(DiskTransport transport) => transport switch
    {
        DiskTransport.Nvme => ["nvme"],
        DiskTransport.Ahci => ["sd_mod", "ahci"],
        DiskTransport.Ata => ["sd_mod", "ata_piix"],
        DiskTransport.Usb => ["sd_mod", "usb_storage", "xhci_pci"],
        _ => ["virtio_pci", "virtio_blk"],
    };
}

using System;
using System.Collections.Generic;
using System.Linq;

namespace Switcher.Runner.Prepare;

/// <summary>What is fetched together because it is needed together.</summary>
/// <param name="Name">As given to <c>prepare --only</c>.</param>
/// <param name="Purpose">What it is for, in a few words.</param>
/// <param name="Programs">Packages wanted with all that they depend on, since their programs are run from the cache.</param>
/// <param name="Files">Packages wanted for their files alone. A trailing # stands for a version: of a package that only depends on the one
/// of the day, that one is wanted.</param>
public sealed record PackageSet(string Name, string Purpose, IReadOnlyList<string> Programs, IReadOnlyList<string> Files)
{
    public static readonly PackageSet Linker = new("linker", "lld-link, which links Switcher.efi", ["lld-19"], []);

    public static readonly PackageSet Qemu = new("qemu", "QEMU and the OVMF firmware", ["qemu-system-x86"], ["ovmf"]);

    public static readonly PackageSet Guests = new(
        "guests",
        "two Debian kernels, boot loaders and the tools that make disk images",
        ["mtools", "e2fsprogs", "kmod", "efibootmgr"],
        ["linux-image-#amd64", "linux-image-#cloud-amd64", "busybox-static", "systemd-boot-efi", "grub-efi-amd64-signed"]);

    public static readonly PackageSet OlderKernel =
        new("older-kernel", "the kernel of the Debian release before", [], ["linux-image-#amd64"]) { Suite = "bookworm" };

    public static readonly PackageSet Bochs =
        new("bochs", "Bochs, which emulates VMX", ["bochs", "bochs-term", "bochsbios", "vgabios"], []);

    public static readonly IReadOnlyList<PackageSet> All = [Linker, Qemu, Guests, OlderKernel, Bochs];

    /// <summary>
    /// The release that they are from. All programs are from the same one: they share their libraries.
    /// </summary>
    public string Suite { get; init; } = "trixie";

    /// <summary>The packages to ask apt for so that it lists everything of <see cref="Files"/>.</summary>
    public IEnumerable<string> FileRoots => Files.Select(name => name.Replace("#", "", StringComparison.Ordinal));

    public static PackageSet? Find(string name) => All.FirstOrDefault(set => set.Name == name);

    /// <summary>Whether a package that apt lists for <see cref="FileRoots"/> is one that is wanted for its files.</summary>
    public bool WantsFilesOf(string package) => Files.Any(name => Matches(name, package));

    private static bool Matches(string name, string package)
    {
        int version = name.IndexOf('#', StringComparison.Ordinal);
        return version < 0
            ? package == name
            : package.Length > version && char.IsAsciiDigit(package[version]) &&
              package.StartsWith(name[..version], StringComparison.Ordinal)
                  && package.EndsWith(name[(version + 1)..], StringComparison.Ordinal);
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Switcher.Runner.Prepare;

namespace Switcher.Runner.Guests;

/// <summary>One of the unpacked Debian kernels.</summary>
/// <param name="Version">As <c>uname -r</c> gives it.</param>
/// <param name="Image">The file <c>vmlinuz</c>, an EFI program.</param>
/// <param name="ModuleFolder">The folder with <c>modules.dep</c>.</param>
public sealed record Kernel(string Version, string Image, string ModuleFolder)
{
    private const string Prefix = "vmlinuz-";

    /// <summary>Finds a kernel in the cache.</summary>
    /// <exception cref="RunnerException">It is not there.</exception>
    public static Kernel Find(Cache cache, DebianFlavour flavour)
    {
        bool isOlder = flavour == DebianFlavour.Older;
        string root = isOlder ? cache.OlderRoot : cache.Root;
        string boot = Path.Combine(root, "boot");
        IEnumerable<string> images = Directory.Exists(boot)
            ? Directory.EnumerateFiles(boot, Prefix + "*").Order(StringComparer.Ordinal) : [];
        string? image = images.LastOrDefault(path =>
            path.Contains("-cloud-", StringComparison.Ordinal) == (flavour == DebianFlavour.Cloud));
        if (image is null)
        {
            PackageSet set = isOlder ? PackageSet.OlderKernel : PackageSet.Guests;
            throw new RunnerException($"no Debian kernel is in {boot}: run 'prepare --only {set.Name}'");
        }

        string version = Path.GetFileName(image)[Prefix.Length..];
        return new Kernel(version, image, Path.Combine(root, isOlder ? "" : "usr", "lib", "modules", version));
    }
}

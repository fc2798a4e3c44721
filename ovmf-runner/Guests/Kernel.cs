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
        string boot = cache.InRoot("boot");
        IEnumerable<string> images = Directory.Exists(boot)
            ? Directory.EnumerateFiles(boot, Prefix + "*").Order(StringComparer.Ordinal) : [];
        string? image = images.LastOrDefault(path =>
            path.Contains("-cloud-", StringComparison.Ordinal) == (flavour == DebianFlavour.Cloud));
        if (image is null)
            throw new RunnerException($"no Debian kernel is in {boot}: run 'prepare --only guests'");
        string version = Path.GetFileName(image)[Prefix.Length..];
        return new Kernel(version, image, cache.InRoot("usr", "lib", "modules", version));
    }
}

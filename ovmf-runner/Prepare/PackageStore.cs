using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Processes;

namespace Switcher.Runner.Prepare;

/// <summary>Downloads packages into the cache and unpacks them there. What is there and whole is not fetched again.</summary>
public sealed class PackageStore(Cache cache, PrivateApt apt)
{
    private const int Parallel = 4;

    /// <summary>A package's place in the cache once it was fetched and found whole.</summary>
    public string PathOf(PinnedPackage package) => Path.Combine(cache.Packages, package.FileName);

    /// <summary>The packages of a list that have to be downloaded, checked by length and SHA-256.</summary>
    public async Task<IReadOnlyList<PinnedPackage>> MissingAsync(IEnumerable<PinnedPackage> packages, CancellationToken cancel)
    {
        var missing = new List<PinnedPackage>();
        foreach (PinnedPackage package in packages)
        {
            if (!await IsWholeAsync(PathOf(package), package, cancel))
                missing.Add(package);
        }

        return missing;
    }

    /// <summary>Downloads packages from a mirror, several at a time, and tells the progress in bytes.</summary>
    /// <returns>The packages that the mirror did not deliver, each with the reason.</returns>
    public async Task<IReadOnlyList<(PinnedPackage Package, string Reason)>> DownloadAsync(
        IReadOnlyList<PinnedPackage> packages, string mirror, DownloadProgress progress, CancellationToken cancel)
    {
        string partial = Path.Combine(cache.Packages, "partial");
        Directory.CreateDirectory(partial);
        var failed = new List<(PinnedPackage, string)>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancel };

        // Largest first: the last worker to finish then has little left to do.
        await System.Threading.Tasks.Parallel.ForEachAsync(packages.OrderByDescending(package => package.Size), options,
            async (package, token) =>
        {
            string file = Path.Combine(partial, package.FileName);
            progress.Started(package, file);
            string? reason = await apt.DownloadAsync(mirror + package.PoolPath, file, package.Sha256, token);
            if (reason is null && !await IsWholeAsync(file, package, token))
                reason = "its length or SHA-256 is not the one in packages.lock";
            if (reason is null)
                File.Move(file, PathOf(package), overwrite: true);
            else
                lock (failed)
                    failed.Add((package, reason));
            progress.Finished(package);
        });
        return failed;
    }

    /// <summary>Unpacks packages over each other into a folder; no script of theirs is run.</summary>
    public async Task UnpackAsync(IEnumerable<PinnedPackage> packages, string root, CancellationToken cancel)
    {
        Directory.CreateDirectory(root);
        foreach (PinnedPackage package in packages)
            await new Command("dpkg", "-x", PathOf(package), root).RunOrThrowAsync($"unpack {package.Name}", cancel);
    }

    private static async Task<bool> IsWholeAsync(string path, PinnedPackage package, CancellationToken cancel)
    {
        if (!File.Exists(path) || new FileInfo(path).Length != package.Size)
            return false;
        await using FileStream file = File.OpenRead(path);
        return System.Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel)) == package.Sha256;
    }
}

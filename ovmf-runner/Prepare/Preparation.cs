using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;

namespace Switcher.Runner.Prepare;

/// <summary>
/// Makes package sets ready for use: fetched once, checked against the lock file, unpacked; afterwards no network is needed.
/// </summary>
/// <param name="cache">Where everything goes.</param>
/// <param name="console">Where progress and warnings go.</param>
public sealed class Preparation(Cache cache, IAnsiConsole console)
{
    private readonly PrivateApt _apt = new(cache.Apt);

    /// <summary>
    /// Fetches and unpacks what is not ready yet. Several runners may call this at the same time: one works, the others wait.
    /// </summary>
    /// <exception cref="RunnerException">This machine lacks apt or dpkg, or the packages could not be fetched.</exception>
    public async Task EnsureAsync(IReadOnlyList<PackageSet> sets, PackageLock pinned, CancellationToken cancel)
    {
        if (sets.All(set => IsReady(set, pinned)))
            return;
        if (PrivateApt.Missing() is { } missing)
            throw new RunnerException(missing);
        await using CacheGuard guard = await CacheGuard.EnterAsync(cache, console, cancel);
        PackageSet[] wanted = [.. sets.Where(set => !IsReady(set, pinned))];
        if (wanted.Length == 0)
            return;

        StartOverIfPinsChanged(pinned);
        PackageLock used = Substitute.Read(cache, pinned) ?? pinned;
        used = await FetchAsync(wanted, pinned, used, cancel);
        foreach (PackageSet set in wanted)
            await MakeReadyAsync(set, pinned, used, cancel);
    }

    /// <summary>Resolves all sets anew against the archive.</summary>
    public async Task<PackageLock> ResolveAsync(CancellationToken cancel)
    {
        if (PrivateApt.Missing() is { } missing)
            throw new RunnerException(missing);
        await using CacheGuard guard = await CacheGuard.EnterAsync(cache, console, cancel);
        return await Archive.ResolveAsync(cache, await DebianMirror.FindAsync(cache, cancel), cancel);
    }

    private bool IsReady(PackageSet set, PackageLock pinned)
    {
        string marker = Path.Combine(cache.Ready, set.Name);
        return File.Exists(marker) && File.ReadAllText(marker).Trim() == pinned.Digest;
    }

    /// <summary>Files of an older pinned set must not be mixed with those of this one.</summary>
    private void StartOverIfPinsChanged(PackageLock pinned)
    {
        bool changed = PackageSet.All.Any(set => File.Exists(Path.Combine(cache.Ready, set.Name)) && !IsReady(set, pinned));
        if (!changed)
            return;
        foreach (string folder in (string[])[cache.Ready, cache.Root, cache.OlderRoot])
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<PackageLock> FetchAsync(PackageSet[] sets, PackageLock pinned, PackageLock used, CancellationToken cancel)
    {
        var store = new PackageStore(cache, _apt);
        IReadOnlyList<PinnedPackage> missing = await store.MissingAsync(OfSets(sets, used), cancel);
        if (missing.Count == 0)
            return used;
        string mirror = await DebianMirror.FindAsync(cache, cancel);
        _apt.Configure(sources: "");
        IReadOnlyList<(PinnedPackage Package, string Reason)> failed = await DownloadAsync(sets, missing, mirror, store, cancel);
        if (failed.Count == 0)
            return used;
        if (!failed.Any(failure => failure.Reason.Contains("404", StringComparison.Ordinal)))
            throw new RunnerException($"cannot fetch {failed[0].Package.Name}: {failed[0].Reason}");

        PinnedPackage gone = failed[0].Package;
        console.MarkupLineInterpolated($"[yellow]warning:[/] the mirror no longer has {gone.Name} {gone.Version}");
        console.MarkupLine("taking the newest versions of all packages; 'prepare --refresh' pins them");
        PackageLock newest = await Archive.ResolveAsync(cache, mirror, cancel);
        Substitute.Write(cache, pinned, newest);
        if (Directory.Exists(cache.Ready))
            Directory.Delete(cache.Ready, recursive: true);
        missing = await store.MissingAsync(OfSets(sets, newest), cancel);
        failed = await DownloadAsync(sets, missing, mirror, store, cancel);
        return failed.Count == 0 ? newest : throw new RunnerException($"cannot fetch {failed[0].Package.Name}: {failed[0].Reason}");
    }

    private async Task<IReadOnlyList<(PinnedPackage Package, string Reason)>> DownloadAsync(
        PackageSet[] sets, IReadOnlyList<PinnedPackage> missing, string mirror, PackageStore store, CancellationToken cancel)
    {
        if (missing.Count == 0)
            return [];
        double megabytes = missing.Sum(package => package.Size) / 1e6;
        string purposes = string.Join("; ", sets.Select(set => set.Purpose));
        console.MarkupLineInterpolated($"Fetching {missing.Count} packages, {megabytes:F0} MB, into {cache.Folder} ({purposes})");
        var progress = new DownloadProgress(missing);
        return await progress.ShowAsync(console, () => store.DownloadAsync(missing, mirror, progress, cancel));
    }

    private async Task MakeReadyAsync(PackageSet set, PackageLock pinned, PackageLock used, CancellationToken cancel)
    {
        PinnedPackage[] packages = [.. used.Of(set.Name)];
        console.MarkupLineInterpolated($"Unpacking {set.Name}: {packages.Length} packages");
        string root = set == PackageSet.OlderKernel ? cache.OlderRoot : cache.Root;
        await new PackageStore(cache, _apt).UnpackAsync(packages, root, cancel);
        if (set == PackageSet.Linker)
            LinkerWrapper.Write(cache);
        if (set == PackageSet.Guests)
            await ModuleIndex.WriteAsync(cache, cache.InRoot("usr"), cancel);
        if (set == PackageSet.OlderKernel)
            await ModuleIndex.WriteAsync(cache, cache.OlderRoot, cancel);
        Directory.CreateDirectory(cache.Ready);
        await File.WriteAllTextAsync(Path.Combine(cache.Ready, set.Name), pinned.Digest + "\n", cancel);
    }

    private static IEnumerable<PinnedPackage> OfSets(PackageSet[] sets, PackageLock pins) =>
        sets.SelectMany(set => pins.Of(set.Name)).Distinct();
}

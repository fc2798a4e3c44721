using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Prepare;

/// <summary>Asks Debian's archive which packages make up the sets today.</summary>
public static partial class Archive
{
    /// <summary>Resolves every set against the archive's present state.</summary>
    public static async Task<PackageLock> ResolveAsync(Cache cache, string mirror, CancellationToken cancel)
    {
        string keyring = await DebianMirror.KeyringAsync(cache, cancel);
        var sets = new SortedDictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var packages = new Dictionary<string, PinnedPackage>(StringComparer.Ordinal);
        foreach (IGrouping<string, PackageSet> suite in PackageSet.All.GroupBy(set => set.Suite))
        {
            var apt = new PrivateApt(cache.Apt);
            apt.Configure($"deb [arch=amd64 signed-by={keyring}] {mirror} {suite.Key} main\n");
            await apt.GetAsync($"fetch the package list of Debian {suite.Key}", ["update"], cancel);
            foreach (PackageSet set in suite)
            {
                foreach (PinnedPackage package in await ListAsync(apt, mirror, set, cancel))
                {
                    packages[package.Name] = package;
                    if (!sets.TryAdd(package.Name, [set.Name]))
                        sets[package.Name].Add(set.Name);
                }
            }
        }

        return new PackageLock([.. sets.Select(entry => packages[entry.Key] with { Sets = [.. entry.Value] })]);
    }

    /// <summary>Reads what <c>apt-get install --print-uris</c> prints: 'address' file size SHA256:digest.</summary>
    internal static IEnumerable<PinnedPackage> ParseUris(string output, string mirror)
    {
        foreach (Match match in UriLine().Matches(output))
        {
            string address = match.Groups["address"].Value;
            if (!address.StartsWith(mirror, StringComparison.Ordinal))
                throw new RunnerException($"apt wants {address}, which is not on the mirror");
            string[] name = Uri.UnescapeDataString(match.Groups["file"].Value).Split('_');
            long size = long.Parse(match.Groups["size"].Value, CultureInfo.InvariantCulture);
            yield return new PinnedPackage([], name[0], name[1], size, match.Groups["sha256"].Value, address[mirror.Length..]);
        }
    }

    private static async Task<IEnumerable<PinnedPackage>> ListAsync(PrivateApt apt, string mirror, PackageSet set, CancellationToken cancel)
    {
        IEnumerable<PinnedPackage> programs = await ListAsync(apt, mirror, set.Programs, cancel);
        IEnumerable<PinnedPackage> files = await ListAsync(apt, mirror, set.FileRoots, cancel);
        return programs.Concat(files.Where(package => set.WantsFilesOf(package.Name)));
    }

    private static async Task<IEnumerable<PinnedPackage>> ListAsync(
        PrivateApt apt, string mirror, IEnumerable<string> roots, CancellationToken cancel)
    {
        if (!roots.Any())
            return [];
        string output = await apt.GetAsync(
            "resolve the package sets", ["install", "--print-uris", "--yes", "--no-install-recommends", .. roots], cancel);
        return ParseUris(output, mirror);
    }

    [GeneratedRegex("""^'(?<address>[^']+)' (?<file>\S+) (?<size>\d+) SHA256:(?<sha256>[0-9a-f]{64})\s*$""", RegexOptions.Multiline)]
    private static partial Regex UriLine();
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Processes;

namespace Switcher.Runner.Prepare;

/// <summary>
/// Finds a mirror of Debian. On Debian it is the one that the machine itself uses. A machine of another distribution names none, but its
/// archive carries debootstrap, which knows Debian's, and the keys that Debian signs with: both come with that distribution's signature.
/// </summary>
public static partial class DebianMirror
{
    private static readonly string[] Keyrings =
        ["/usr/share/keyrings/debian-archive-keyring.gpg", "/usr/share/keyrings/debian-archive-keyring.pgp"];

    /// <summary>The base address of a mirror, ending in a slash. $SWITCHER_MIRROR, where set, is taken as it is.</summary>
    public static async Task<string> FindAsync(Cache cache, CancellationToken cancel)
    {
        if (Environment.GetEnvironmentVariable("SWITCHER_MIRROR") is { Length: > 0 } given)
            return given.TrimEnd('/') + "/";
        IReadOnlyDictionary<string, string> system = OsRelease.Parse(await File.ReadAllTextAsync("/etc/os-release", cancel));
        IReadOnlyList<AptSource> sources = await PrivateApt.MachineSourcesAsync(cancel);
        if (OfDebian(system, sources) is { } source)
            return source.ResolveAddress();

        string folder = await FromDistributionAsync(cache, "debootstrap", cancel);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (File.ResolveLinkTarget(file, false) is null && InDebootstrap(await File.ReadAllTextAsync(file, cancel)) is { } address)
                return address;
        }

        throw new RunnerException("no mirror of Debian is known here: set SWITCHER_MIRROR to the base address of one");
    }

    /// <summary>A file with the keys that Debian's archive is signed with.</summary>
    public static async Task<string> KeyringAsync(Cache cache, CancellationToken cancel)
    {
        if (Keyrings.FirstOrDefault(File.Exists) is { } installed)
            return installed;
        string folder = await FromDistributionAsync(cache, "debian-archive-keyring", cancel);
        return Keyrings.Select(path => folder + path).FirstOrDefault(File.Exists)
               ?? throw new RunnerException("Debian's signing keys are not here: install the package debian-archive-keyring");
    }

    /// <summary>The source of this Debian system's own suite, or null on any other system.</summary>
    internal static AptSource? OfDebian(IReadOnlyDictionary<string, string> system, IReadOnlyList<AptSource> sources)
    {
        if (system.GetValueOrDefault("ID") != "debian")
            return null;
        string[] suites = [system.GetValueOrDefault("VERSION_CODENAME", "sid"), "stable", "testing", "unstable", "sid"];
        return suites.SelectMany(suite => sources.Where(source => source.Suite == suite && source.Component == "main")).FirstOrDefault();
    }

    /// <summary>The mirror of Debian that a file of debootstrap names, if any.</summary>
    internal static string? InDebootstrap(string text)
    {
        Match match = DefaultMirror().Match(text);
        return match.Success ? match.Groups[1].Value + "/" : null;
    }

    /// <summary>Unpacks one package of the machine's own distribution, from a list of that distribution fetched for this alone.</summary>
    private static async Task<string> FromDistributionAsync(Cache cache, string package, CancellationToken cancel)
    {
        string folder = Path.Combine(cache.Folder, "distribution");
        string unpacked = Path.Combine(folder, package);
        if (Directory.Exists(unpacked))
            return unpacked;
        var apt = new PrivateApt(folder);
        apt.Configure(sources: null);
        await apt.GetAsync("fetch this distribution's package lists", ["update"], cancel);
        await apt.GetAsync($"fetch {package} from this distribution", ["download", package], cancel);
        string file = Directory.EnumerateFiles(folder, package + "_*.deb").First();
        await new Command("dpkg", "-x", file, unpacked).RunOrThrowAsync($"unpack {package}", cancel);
        return unpacked;
    }

    [GeneratedRegex("""^\s*(?:DEF_MIRROR=|default_mirror\s+)"?(https?://[^\s"]+/debian)/?"?\s*$""", RegexOptions.Multiline)]
    private static partial Regex DefaultMirror();
}

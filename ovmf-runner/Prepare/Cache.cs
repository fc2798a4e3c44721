using System;
using System.IO;

namespace Switcher.Runner.Prepare;

/// <summary>The folder that holds everything the runner fetches and builds for itself. Deleting it loses nothing but time.</summary>
/// <param name="folder">Its absolute path.</param>
public sealed class Cache(string folder)
{
    public string Folder { get; } = folder;

    /// <summary>The packages as they were downloaded, and those under way.</summary>
    public string Packages => Path.Combine(Folder, "packages");

    /// <summary>The packages unpacked over each other, as a root file system would have them.</summary>
    public string Root => Path.Combine(Folder, "root");

    /// <summary>As <see cref="Root"/>, for those of the release before, which has its files elsewhere in part.</summary>
    public string OlderRoot => Path.Combine(Folder, "older-root");

    /// <summary>Wrapper scripts for programs of <see cref="Root"/> that others than the runner call.</summary>
    public string Bin => Path.Combine(Folder, "bin");

    /// <summary>One file for each package set that is ready, holding the digest of the lock file that it was made from.</summary>
    public string Ready => Path.Combine(Folder, "ready");

    /// <summary>The private apt configuration and what apt keeps with it.</summary>
    public string Apt => Path.Combine(Folder, "apt");

    /// <summary>Runs whose logs were given no place of their own.</summary>
    public string Logs => Path.Combine(Folder, "logs");

    /// <summary>The cache of this user: $SWITCHER_CACHE, else $XDG_CACHE_HOME/switcher, else ~/.cache/switcher.</summary>
    public static Cache ForUser()
    {
        if (Environment.GetEnvironmentVariable("SWITCHER_CACHE") is { Length: > 0 } given)
            return new Cache(Path.GetFullPath(given));
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches)
            return new Cache(Path.Combine(Path.GetFullPath(caches), "switcher"));
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return new Cache(Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), ".cache", "switcher"));
    }

    /// <summary>Path of a file of an unpacked package.</summary>
    public string InRoot(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);
}

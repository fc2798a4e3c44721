using System;
using System.IO;

namespace Switcher.Runner.Prepare;

/// <summary>
/// The packages that this cache uses in place of the pinned ones, since the mirror no longer had those. It is kept so that later runs need
/// no network, and holds only as long as the lock file that it replaces stays the same.
/// </summary>
internal static class Substitute
{
    private const string Heading = "# in place of ";

    public static PackageLock? Read(Cache cache, PackageLock pinned)
    {
        if (!File.Exists(PathIn(cache)))
            return null;
        string text = File.ReadAllText(PathIn(cache));
        return text.StartsWith($"{Heading}{pinned.Digest}\n", StringComparison.Ordinal) ? PackageLock.Parse(text) : null;
    }

    public static void Write(Cache cache, PackageLock pinned, PackageLock used) =>
        File.WriteAllText(PathIn(cache), $"{Heading}{pinned.Digest}\n{used.Format()}");

    private static string PathIn(Cache cache) => Path.Combine(cache.Folder, "substitute.lock");
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Switcher.Tests.House;

/// <summary>The working copy that the tests belong to. Paths are relative to its root, with slashes.</summary>
internal static class Repository
{
    private static readonly string s_root = FindRoot();

    /// <summary>All C# sources of some top-level folders that exist, in order; not what a build generated.</summary>
    public static IReadOnlyList<string> Sources(params string[] folders) =>
        [.. folders.Where(folder => Directory.Exists(Path.Combine(s_root, folder)))
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(s_root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(s_root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "obj" or "bin"))
            .Order(StringComparer.Ordinal)];

    /// <summary>The text of a file.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(s_root, path));

    /// <summary>Whether a file or folder exists.</summary>
    public static bool Has(string path) => Path.Exists(Path.Combine(s_root, path));

    /// <summary>The lines of a file that are neither empty nor a comment (<c>#</c>).</summary>
    public static IReadOnlyList<string> Rows(string path) =>
        [.. Read(path).Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0 && !line.StartsWith('#'))];

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Switcher.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside a working copy of Switcher");
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace Switcher.Runner.Prepare;

/// <summary>One package of the pinned set.</summary>
/// <param name="Sets">The package sets that need it.</param>
/// <param name="Name">Its name in the archive.</param>
/// <param name="Version">Its version in the archive.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Sha256">Its SHA-256, 64 lower-case hexadecimal digits. This is what makes a download trusted, whichever mirror sent
/// it.</param>
/// <param name="PoolPath">Its path below the mirror's base address.</param>
public sealed record PinnedPackage(IReadOnlyList<string> Sets, string Name, string Version, long Size, string Sha256, string PoolPath)
{
    /// <summary>The name of the downloaded file.</summary>
    public string FileName => Path.GetFileName(PoolPath);
}

/// <summary>The pinned set of packages: <c>packages.lock</c>, one package a line, six fields separated by a space.</summary>
public sealed class PackageLock
{
    private const int Fields = 6;

    public PackageLock(IReadOnlyList<PinnedPackage> packages)
    {
        Packages = packages;
        Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Format())));
    }

    public IReadOnlyList<PinnedPackage> Packages { get; }

    /// <summary>SHA-256 of the whole list: two locks with the same digest fetch the same bytes.</summary>
    public string Digest { get; }

    /// <summary>Reads a lock file. Empty lines and lines that begin with # are skipped.</summary>
    /// <exception cref="RunnerException">A line is not a package: the message gives its number and what is wrong.</exception>
    public static PackageLock Parse(string text)
    {
        var packages = new List<PinnedPackage>();
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length > 0 && line[0] != '#')
                packages.Add(ParseLine(line, i + 1));
        }

        return new PackageLock(packages);
    }

    /// <summary>The packages that a set needs.</summary>
    public IEnumerable<PinnedPackage> Of(string set) => Packages.Where(package => package.Sets.Contains(set));

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public string Format()
    {
        var text = new StringBuilder();
        foreach (PinnedPackage package in Packages)
        {
            text.Append(CultureInfo.InvariantCulture, $"{string.Join(',', package.Sets)} {package.Name} {package.Version} ")
                .Append(CultureInfo.InvariantCulture, $"{package.Size} {package.Sha256} {package.PoolPath}\n");
        }

        return text.ToString();
    }

    private static PinnedPackage ParseLine(string line, int number)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != Fields)
            throw Bad(number, $"{Fields} fields expected, {fields.Length} found");
        if (!long.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out long size) || size == 0)
            throw Bad(number, $"'{fields[3]}' is no size");
        if (fields[4].Length != 64 || !fields[4].All(char.IsAsciiHexDigitLower))
            throw Bad(number, $"'{fields[4]}' is no SHA-256");
        if (fields[5].StartsWith('/') || fields[5].Contains("..", StringComparison.Ordinal))
            throw Bad(number, $"'{fields[5]}' is no path below a mirror");
        return new PinnedPackage(fields[0].Split(','), fields[1], fields[2], size, fields[4], fields[5]);
    }

    private static RunnerException Bad(int line, string what) => new($"packages.lock, line {line}: {what}");
}

using System;
using System.Linq;
using Xunit;

namespace Switcher.Tests.House.Style;

/// <summary>No line of C# is wider than the agreed width, which the formatter does not check.</summary>
public sealed class LineWidthTests
{
    private const int Width = 140;

    [Fact]
    public void Lines_OfAllSources_FitTheWidth()
    {
        // One row a folder: its path and how many of its lines are too wide.
        string[] found = [.. Sources.All.GroupBy(path => path[..path.LastIndexOf('/')])
            .Select(folder => (Folder: folder.Key, Count: folder.Sum(path => Repository.Read(path).Split('\n').Count(IsWide))))
            .Where(folder => folder.Count > 0).Select(folder => $"{folder.Folder} {folder.Count}")];
        Ratchet.Check("tests/house/Style/wide-lines.txt", found, row =>
        {
            string folder = row.Split(' ')[0];
            string[] places = [.. Sources.All.Where(path => path[..path.LastIndexOf('/')] == folder).SelectMany(path =>
                Repository.Read(path).Split('\n').Select((line, i) => (line, i)).Where(line => IsWide(line.line))
                    .Select(line => $"  {path}:{line.i + 1}"))];
            return $"{row} lines wider than {Width} characters:\n{string.Join('\n', places)}";
        });
    }

    private static bool IsWide(string line) => line.Length > Width;
}

using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace Switcher.Tests.House.Floors;

/// <summary>The code of this working copy keeps to docs/floors.txt.</summary>
public sealed class FloorTests
{
    private const string Plan = "docs/floors.txt";
    private const string Owed = "tests/house/Floors/owed.txt";

    /// <summary>What the build generates into Switcher.efi.</summary>
    private const string Generated = """
        namespace Switcher;
        internal static class SwitcherVersion
        {
            public static System.ReadOnlySpan<byte> Text => "0"u8;
        }
        """;

    private static readonly FloorPlan s_plan = new(Repository.Read(Plan));

    [Fact]
    public void Folders_OfAllRooms_AreNamedByAFloor()
    {
        string[] folders = [.. Repository.Sources([.. s_plan.Rooms]).Select(Reference.FolderOf).Distinct()];
        Assert.NotEmpty(folders);
        Assert.Empty(folders.Where(folder => !s_plan.Names(folder)).Select(folder => $"{folder} is on no floor of {Plan}"));
    }

    [Fact]
    public void References_OfAllRooms_GoDown()
    {
        var found = new SortedDictionary<string, Reference>(StringComparer.Ordinal);
        foreach ((SourceReader sources, string[] rooms) in new[] { Product(), With("ctl"), With("build", "stubs") })
        {
            string[] errors = [.. sources.Errors.Take(10)];
            Assert.True(errors.Length == 0, string.Join('\n', errors));
            foreach (Reference reference in Inspection.Upward(s_plan, sources, rooms))
                found.TryAdd($"{reference.From} -> {reference.To}", reference);
        }

        Ratchet.Check(Owed, found.Keys, row => Inspection.Describe(s_plan, found[row]));
    }

    /// <summary>The application, bound against its own core library.</summary>
    private static (SourceReader Sources, string[] Rooms) Product() => (
        new SourceReader(s_plan,
            [.. Texts("corelib", "acpi", "boot", "hv", "stubs/Shared", "efi"), ("efi/Firmware/Generated.cs", Generated)], true),
        ["corelib", "acpi", "boot", "hv", "stubs", "efi"]);

    /// <summary>Ordinary programs, bound against .NET.</summary>
    private static (SourceReader Sources, string[] Rooms) With(params string[] rooms) => (
        new SourceReader(s_plan, Texts(["acpi", "boot", "hv", .. rooms]), false), rooms);

    private static IEnumerable<(string Path, string Text)> Texts(params string[] rooms) =>
        Repository.Sources(rooms).Select(path => (path, Repository.Read(path)));
}

using System.Collections.Generic;
using System.IO;
using Switcher.Runner.Prepare;
using Xunit;

namespace Switcher.Tests.Runner;

public class DebianMirrorTests
{
    private static readonly Dictionary<string, string> Debian = new() { ["ID"] = "debian", ["VERSION_CODENAME"] = "bookworm" };

    private static readonly AptSource[] Sources =
    [
        new("http://other.example/", "nodistro", "main"),
        new("http://mirror.example/debian-security/", "bookworm-security", "main"),
        new("http://mirror.example/debian/", "bookworm", "main"),
    ];

    [Fact]
    public void DebianMirror_OnDebian_IsTheMachinesOwn() =>
        Assert.Equal("http://mirror.example/debian/", DebianMirror.OfDebian(Debian, Sources)?.ResolveAddress());

    [Fact]
    public void DebianMirror_OnAnotherDistribution_IsNotTheMachinesOwn() =>
        Assert.Null(DebianMirror.OfDebian(new Dictionary<string, string> { ["ID"] = "ubuntu", ["ID_LIKE"] = "debian" }, Sources));

    [Theory]
    [InlineData("DEF_MIRROR=\"http://mirror.example/debian\"\n", "http://mirror.example/debian/")]
    [InlineData("case $ARCH in\n\tamd64)\n\t\tdefault_mirror https://mirror.example/debian/\n", "https://mirror.example/debian/")]
    [InlineData("DEF_MIRROR=\"http://archive.example/ubuntu\"\n", null)]
    [InlineData("# default_mirror http://mirror.example/debian is a comment\n", null)]
    public void DebianMirror_InDebootstrap_IsFound(string text, string? address) => Assert.Equal(address, DebianMirror.InDebootstrap(text));

    [Fact]
    public void AptSource_ListOfMirrors_GivesTheFirst()
    {
        string list = Path.GetTempFileName();
        File.WriteAllText(list, "# comment\n\nhttp://first.example/debian\tpriority:1\nhttp://second.example/debian\n");
        Assert.Equal("http://first.example/debian/", new AptSource($"mirror+file:{list}/", "bookworm", "main").ResolveAddress());
        File.Delete(list);
    }

    [Theory]
    [InlineData("http://mirror.example/debian bookworm main", true)]
    [InlineData("http://mirror.example/flat", false)]
    public void AptSource_Line_HasThreeFields(string line, bool good) => Assert.Equal(good, AptSource.Parse(line) is not null);

    [Fact]
    public void OsRelease_QuotedValues_LoseTheirQuotes()
    {
        IReadOnlyDictionary<string, string> values = OsRelease.Parse("# comment\nID=debian\nVERSION=\"12 (bookworm)\"\nBROKEN\n");
        Assert.Equal("debian", values["ID"]);
        Assert.Equal("12 (bookworm)", values["VERSION"]);
        Assert.Equal(2, values.Count);
    }
}

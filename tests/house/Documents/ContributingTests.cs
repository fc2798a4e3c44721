using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Switcher.Tests.House.Style;
using Xunit;

namespace Switcher.Tests.House.Documents;

/// <summary>What the documents for contributors name exists, and what they say of the version is so.</summary>
public sealed partial class ContributingTests
{
    private static readonly string[] s_documents =
    [
        "CONTRIBUTING.md", "docs/style.md", "docs/promises.md", "docs/architecture.md", "docs/debugging.md", "docs/acpi.md",
        "docs/nvram.md", "README.md",
    ];

    private static readonly Lazy<HashSet<string>> s_methods = new(() =>
        [.. Sources.All.Where(path => Sources.IsIn(path, "tests"))
            .SelectMany(path => Sources.Parse(path).DescendantNodes().OfType<MethodDeclarationSyntax>())
            .Select(method => method.Identifier.Text)]);

    public static TheoryData<string> Documents => [.. s_documents];

    /// <summary>Paths in backticks and targets of links. What a build makes, and placeholders, are not in the repository.</summary>
    [Theory]
    [MemberData(nameof(Documents))]
    public void Paths_InADocument_Exist(string document)
    {
        string text = Repository.Read(document);
        string folder = document.Contains('/', StringComparison.Ordinal) ? document[..(document.LastIndexOf('/') + 1)] : "";
        IEnumerable<string> paths = Path().Matches(text).Select(path => path.Groups["path"].Value)
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal));
        IEnumerable<string> links = Link().Matches(text).Select(link => folder + link.Groups["path"].Value);
        Assert.Empty(paths.Concat(links).Where(path => !Repository.Has(path) && !Repository.Has(folder + path)).Distinct());
    }

    /// <summary>Names of tests are those of methods.</summary>
    [Theory]
    [MemberData(nameof(Documents))]
    public void Tests_InADocument_Exist(string document)
    {
        string[] named = [.. TestName().Matches(Repository.Read(document)).Select(name => name.Groups["name"].Value)];
        Assert.Empty(named.Except(s_methods.Value));
        if (document == "docs/promises.md")
            Assert.True(named.Length > 20, "docs/promises.md names hardly any test");
    }

    [Fact]
    public void Promises_EachOfTheTen_HasATestOrSaysThatItHasNone()
    {
        string[] promises = [.. PromiseStart().Split(Repository.Read("docs/promises.md")).Skip(1)];
        Assert.Equal(10, promises.Length);
        Assert.All(promises, promise => Assert.True(
            TestName().IsMatch(promise) || promise.Contains("*No test.*", StringComparison.Ordinal), promise));
    }

    /// <summary>One number: in the build's properties, nowhere else but in the changelog as its newest version.</summary>
    [Fact]
    public void Version_OfTheBuild_IsTheChangelogsNewestAndInNoSource()
    {
        string version = VersionProperty().Match(Repository.Read("Directory.Build.props")).Groups["version"].Value;
        Assert.Equal(version, VersionHeading().Match(Repository.Read("CHANGELOG.md")).Groups["version"].Value);
        Assert.DoesNotContain(Sources.All, path => !Sources.IsIn(path, "tests")
            && Repository.Read(path).Contains($"Switcher {version}", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"`(?<path>(acpi|boot|build|corelib|ctl|docs|efi|hv|ovmf-runner|stubs|tests)/[A-Za-z0-9_./-]*)`")]
    private static partial Regex Path();

    [GeneratedRegex(@"\]\((?<path>[A-Za-z][A-Za-z0-9_./-]*)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<name>[A-Z][A-Za-z0-9]+_[A-Z][A-Za-z0-9]+_[A-Za-z0-9_]+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"^\*\*\d+\. ", RegexOptions.Multiline)]
    private static partial Regex PromiseStart();

    [GeneratedRegex(@"<Version>(?<version>[^<]+)</Version>")]
    private static partial Regex VersionProperty();

    [GeneratedRegex(@"^## \[(?<version>\d[^\]]*)\]", RegexOptions.Multiline)]
    private static partial Regex VersionHeading();
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Switcher.Tests.House.Style;
using Xunit;

namespace Switcher.Tests.House.Documents;

/// <summary>Log lines that the documents name are lines that the product prints.</summary>
public sealed partial class DebuggingTests
{
    private static readonly Lazy<string[]> s_literals = new(() =>
        [.. Sources.All.Where(path => Sources.IsIn(path, "acpi", "boot", "hv", "efi")).SelectMany(LiteralsOf).Distinct()]);

    public static TheoryData<string> Documents => [.. new[] { "docs/debugging.md", "docs/architecture.md", "README.md" }];

    /// <summary>In <c>STEP launch ... cpus=N</c>: a line starts with the words, and every key is one that is written.</summary>
    [Theory]
    [MemberData(nameof(Documents))]
    public void LogLines_InADocument_AreThoseThatAreWritten(string document)
    {
        List<string> unknown = [];
        foreach (Match line in LogLine().Matches(Repository.Read(document)))
        {
            // Lines of the documents may be broken; a step's word stands for itself, as in "STEP".
            string text = Regex.Replace(line.Groups["line"].Value, @"\s+", " ");
            string start = Regex.Replace(text, @" (\.\.\.|[A-Za-z-]+=).*$", "");
            if (!s_literals.Value.Any(literal => start.Contains(' ', StringComparison.Ordinal)
                ? literal == start || literal.StartsWith(start + " ", StringComparison.Ordinal)
                : literal.Split(' ')[0] == start))
                unknown.Add(start);
            unknown.AddRange(Key().Matches(text).Select(key => key.Groups["key"].Value)
                .Where(key => !s_literals.Value.Contains(key)).Select(key => $"{start} ... {key}="));
        }

        Assert.True(unknown.Count == 0, $"{document} names what nobody prints: {string.Join(", ", unknown)}");
    }

    /// <summary>The steps of the README's and the architecture's tables, in the log under the same words.</summary>
    [Fact]
    public void Steps_OfReadmeAndArchitecture_AreTheSameAndAreWritten()
    {
        string[] readme = [.. ReadmeStep().Matches(Repository.Read("README.md")).Select(step => step.Groups["step"].Value)];
        string architecture = Repository.Read("docs/architecture.md");
        Assert.True(readme.Length >= 9, "the README's table of steps is not found");

        // "switch" also stands for the wake, "boot" for the entry.
        Assert.DoesNotContain(readme, step => !s_literals.Value.Contains($"STEP {step}"));
        int[] places = [.. readme.Select(step => architecture.IndexOf($"\n| {step} |", StringComparison.Ordinal))];
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    private static IEnumerable<string> LiteralsOf(string path) => Sources.Parse(path).DescendantTokens()
        .Where(token => token.IsKind(SyntaxKind.Utf8StringLiteralToken) || token.IsKind(SyntaxKind.StringLiteralToken))
        .Select(token => token.ValueText)
        .SelectMany(text => text.StartsWith(' ') ? new[] { text, text.Trim().TrimEnd('=') } : [text]);

    [GeneratedRegex(@"`(?<line>(STEP|INFO|WARN|ERROR|DEBUG|PANIC)\b[^`]*)`")]
    private static partial Regex LogLine();

    [GeneratedRegex(@" (?<key>[a-z][a-z-]*)=")]
    private static partial Regex Key();

    [GeneratedRegex(@"^\| `(?<step>[a-z0-9-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex ReadmeStep();
}

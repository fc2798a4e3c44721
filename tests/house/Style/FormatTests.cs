using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Formatting;
using Xunit;

namespace Switcher.Tests.House.Style;

/// <summary>
/// All sources are as the formatter leaves them: what <c>dotnet format whitespace</c> would change fails here, in seconds and without a
/// build.
/// </summary>
public sealed class FormatTests
{
    [Fact]
    public void Whitespace_OfAllSources_IsTheFormatters()
    {
        using var workspace = new AdhocWorkspace();
        var parse = new CSharpParseOptions(LanguageVersion.Preview);
        List<string> places = [];
        foreach (string path in Sources.All)
        {
            SyntaxTree tree = CSharpSyntaxTree.ParseText(Repository.Read(path), parse, path);
            places.AddRange(Formatter.GetFormattedTextChanges(tree.GetRoot(), workspace)
                .Select(change => $"{path}:{tree.GetLineSpan(change.Span).StartLinePosition.Line + 1}"));
        }

        Assert.True(places.Count == 0, $"'dotnet format' would change:\n{string.Join('\n', places.Distinct())}");
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Switcher.Tests.House.Style;

/// <summary>Rules of docs/style.md that neither compiler nor formatter checks.</summary>
public sealed partial class HygieneTests
{
    private const int MostLines = 400;

    /// <summary>Programs without .NET below them, or that measure the raw layer: here pointers are allowed.</summary>
    private static readonly string[] s_unsafeFolders =
        ["corelib", "efi", "tests/agent", "tests/corelib", "tests/efi", "tests/guest", "tests/loader", "tests/setup"];

    /// <summary>A longer file has a reason: it is a table of a specification, or the path of a story that would be torn apart.</summary>
    private static readonly Dictionary<string, string> s_longFiles = [];

    [Fact]
    public void Files_OverFourHundredLines_HaveAReason()
    {
        string[] found = [.. Sources.All.Where(path => Repository.Read(path).Split('\n').Length > MostLines)];
        Assert.Equal(s_longFiles.Keys.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    /// <summary>The two builds differ by the files that they take, never inside a file.</summary>
    [Fact]
    public void Conditions_OfThePreprocessor_AreNowhere() => Assert.DoesNotContain(Sources.All,
        path => Sources.Parse(path).DescendantTrivia().Any(trivia => trivia.IsKind(SyntaxKind.IfDirectiveTrivia)));

    [Fact]
    public void Unsafe_OutsideTheRawLayers_IsNowhere() => Assert.DoesNotContain(Sources.All, path => !Sources.IsIn(path, s_unsafeFolders)
        && Sources.Parse(path).DescendantTokens().Any(token => token.IsKind(SyntaxKind.UnsafeKeyword)));

    /// <summary>
    /// Whoever looks for a type finds it by its file's name: one of the file's types, or the part of a generic floor that it holds.
    /// </summary>
    [Fact]
    public void Files_OneSubject_HaveItsName()
    {
        string[] found = [.. Sources.All.Where(path => !Sources.IsIn(path, "corelib") && !HasNamedSubject(path))];
        Ratchet.Check("tests/house/Style/unnamed-files.txt", found, path => $"{path}: no type in it has the file's name");
    }

    /// <summary>Names of tests say what is tested, in which situation, and what comes of it.</summary>
    [Fact]
    public void Tests_Names_HaveAtLeastTwoParts()
    {
        string[] found = [.. Sources.All.Where(path => Sources.IsIn(path, "tests"))
            .SelectMany(path => Sources.Parse(path).DescendantNodes().OfType<MethodDeclarationSyntax>())
            .Where(method => method.AttributeLists.SelectMany(list => list.Attributes)
                .Any(attribute => TestAttribute().IsMatch(attribute.Name.ToString())))
            .Select(method => method.Identifier.Text).Where(name => !TestName().IsMatch(name))];
        Assert.Empty(found);
    }

    private static bool HasNamedSubject(string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..^".cs".Length].Split('.')[0];
        SyntaxNode root = Sources.Parse(path);
        return !root.DescendantNodes().Any(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
            || root.DescendantNodes().Any(node => node switch
            {
                BaseTypeDeclarationSyntax type => type.Identifier.Text == name || (type.Modifiers.Any(SyntaxKind.PartialKeyword)
                    && name.StartsWith(type.Identifier.Text, StringComparison.Ordinal)),
                DelegateDeclarationSyntax type => type.Identifier.Text == name,
                _ => false,
            });
    }

    [GeneratedRegex("^(Skippable)?(Fact|Theory)$")]
    private static partial Regex TestAttribute();

    [GeneratedRegex("^[A-Z][A-Za-z0-9]*(_[A-Za-z0-9]+)+$")]
    private static partial Regex TestName();
}

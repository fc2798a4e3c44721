using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Switcher.Tests.House.Style;

/// <summary>The sources that rules of style are about.</summary>
internal static class Sources
{
    /// <summary>All of the repository's C#.</summary>
    public static IReadOnlyList<string> All { get; } = Repository.Sources(
        "acpi", "boot", "build", "corelib", "ctl", "efi", "hv", "ovmf-runner", "stubs", "tests");

    /// <summary>The syntax of a file.</summary>
    public static SyntaxNode Parse(string path) =>
        CSharpSyntaxTree.ParseText(Repository.Read(path), new CSharpParseOptions(LanguageVersion.Preview)).GetRoot();

    /// <summary>Whether a file is in one of these folders.</summary>
    public static bool IsIn(string path, params string[] folders) =>
        folders.Any(folder => path.StartsWith(folder + "/", System.StringComparison.Ordinal));
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Switcher.Tests.House.Floors;

/// <summary>
/// Binds sources as a build does and finds what each file refers to in others: by a using, by name, or only by the type that an expression
/// has, as with <c>var</c> and chains of members. References in doc comments do not count: a comment may say what is above.
/// </summary>
internal sealed class SourceReader
{
    private static readonly Lazy<MetadataReference[]> s_dotnet = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Switcher.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path))]);

    private readonly CSharpCompilation _compilation;
    private readonly FloorPlan _plan;

    /// <param name="plan">Decides which declaration counts where a type or a namespace has several.</param>
    /// <param name="sources">Paths and texts.</param>
    /// <param name="isFreestanding">The sources hold the core library themselves. False: they use .NET's.</param>
    public SourceReader(FloorPlan plan, IEnumerable<(string Path, string Text)> sources, bool isFreestanding)
    {
        _plan = plan;
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);
        var parse = new CSharpParseOptions(LanguageVersion.Preview, DocumentationMode.None);
        _compilation = CSharpCompilation.Create("House",
            sources.Select(source => CSharpSyntaxTree.ParseText(source.Text, parse, source.Path)),
            isFreestanding ? [] : s_dotnet.Value, options);
    }

    /// <summary>What the compiler could not bind; a reference in such a place would go unseen.</summary>
    public IEnumerable<string> Errors => _compilation.GetDiagnostics()
        .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => diagnostic.ToString());

    /// <summary>All references from one file to another, one for each pair of files.</summary>
    /// <param name="rooms">Of the files in these rooms; none means all.</param>
    public IReadOnlyCollection<Reference> Read(params string[] rooms)
    {
        var found = new Dictionary<(string, string), Reference>();
        foreach (SyntaxTree tree in _compilation.SyntaxTrees)
        {
            if (rooms.Length > 0 && !rooms.Contains(tree.FilePath.Split('/')[0]))
                continue;
            SemanticModel model = _compilation.GetSemanticModel(tree);
            foreach (SyntaxNode node in tree.GetRoot().DescendantNodes())
            {
                foreach (ISymbol symbol in SymbolsOf(model, node))
                {
                    if (DeclaringFileOf(symbol, tree.FilePath) is { } file && file != tree.FilePath)
                    {
                        int line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
                        SymbolDisplayFormat? format = symbol is INamespaceSymbol ? null : SymbolDisplayFormat.CSharpShortErrorMessageFormat;
                        found.TryAdd((tree.FilePath, file), new Reference(tree.FilePath, line, symbol.ToDisplayString(format), file));
                    }
                }
            }
        }

        return found.Values;
    }

    private static List<ISymbol> SymbolsOf(SemanticModel model, SyntaxNode node)
    {
        if (node is UsingDirectiveSyntax { NamespaceOrType: { } used })
            return model.GetSymbolInfo(used).Symbol is { } symbol ? [symbol] : [];
        if (node is not (ExpressionSyntax or ConstructorInitializerSyntax or AttributeSyntax))
            return [];

        // The parts of a using and of a namespace's own name are no references of their own.
        if (node.FirstAncestorOrSelf<UsingDirectiveSyntax>() is not null
            || node.FirstAncestorOrSelf<NameSyntax>(name => name.Parent is BaseNamespaceDeclarationSyntax) is not null)
            return [];

        List<ISymbol> symbols = [];
        if (model.GetSymbolInfo(node).Symbol is { } named and not INamespaceSymbol)
            symbols.Add(named);
        TypeInfo types = model.GetTypeInfo(node);
        AddTypes(types.Type, symbols);
        AddTypes(types.ConvertedType, symbols);
        return symbols;
    }

    /// <summary>Adds a type and what it is made of.</summary>
    private static void AddTypes(ITypeSymbol? type, List<ISymbol> symbols)
    {
        switch (type)
        {
            case IArrayTypeSymbol array:
                AddTypes(array.ElementType, symbols);
                break;
            case IPointerTypeSymbol pointer:
                AddTypes(pointer.PointedAtType, symbols);
                break;
            case IFunctionPointerTypeSymbol function:
                AddTypes(function.Signature.ReturnType, symbols);
                foreach (IParameterSymbol parameter in function.Signature.Parameters)
                    AddTypes(parameter.Type, symbols);
                break;
            case INamedTypeSymbol named:
                symbols.Add(named);
                foreach (ITypeSymbol argument in named.TypeArguments)
                    AddTypes(argument, symbols);
                break;
        }
    }

    /// <summary>The file that declares a symbol; of several the one that the referring file may name, else the first.</summary>
    private string? DeclaringFileOf(ISymbol symbol, string from)
    {
        symbol = symbol is IMethodSymbol { ReducedFrom: { } extension } ? extension.OriginalDefinition : symbol.OriginalDefinition;
        IEnumerable<ISymbol> declared = symbol is INamespaceSymbol space ? space.GetTypeMembers() : [symbol];
        string[] files = [.. declared.SelectMany(one => one.DeclaringSyntaxReferences).Select(reference => reference.SyntaxTree.FilePath)
            .Distinct().Order(StringComparer.Ordinal)];

        // What the compiler adds (constructors, members of records) belongs to its type; a local, a parameter, a label has no file of its
        // own.
        if (files.Length == 0)
            return symbol.IsImplicitlyDeclared && symbol.ContainingType is { } type ? DeclaringFileOf(type, from) : null;
        if (files.Contains(from))
            return from;
        string file = files.FirstOrDefault(path => _plan.Allows(Reference.FolderOf(from), Reference.FolderOf(path)), files[0]);
        return symbol is INamespaceSymbol ? Reference.FolderOf(file) + "/" : file;
    }
}

using System;
using System.Collections.Generic;
using System.Linq;

namespace Switcher.Build;

/// <summary>Finds in the compiler's object what a freestanding program cannot have, and names the method that needs it.</summary>
public static class ObjectCheck
{
    private const string StaticConstructor = "___cctor";

    private static readonly (string Prefix, string Fault)[] _faults =
    [
        ("RhpNew", "allocates an object: there is no heap"),
        ("RhNew", "allocates an object: there is no heap"),
        ("RhpThrowEx", "throws an exception: end in Environment.FailFast"),
        ("RhpRethrow", "throws an exception: end in Environment.FailFast"),
        ("RhpInitialDynamicInterfaceDispatch", "calls through an interface: use a generic method over a structure"),
        ("RhpResolveInterface", "calls through an interface: use a generic method over a structure"),
    ];

    /// <summary>One line for each fault; none if the program is sound.</summary>
    public static IEnumerable<string> Faults(CoffReader program)
    {
        foreach (ObjectSymbol symbol in program.Symbols)
        {
            // Such constructors run at compile time, or would have to run before the program: nobody would call them.
            if (IsCode(program, symbol) && symbol.Name.EndsWith(StaticConstructor, StringComparison.Ordinal))
                yield return $"{symbol.Name[..^StaticConstructor.Length]} has a static initialiser that cannot be computed at compile time";
        }

        for (int i = 0; i < program.Sections.Count; i++)
        {
            foreach (ObjectRelocation relocation in program.Sections[i].Relocations)
            {
                ObjectSymbol target = program.Symbols[relocation.Symbol];
                string? fault = target.Section != 0
                    ? null
                    : _faults.FirstOrDefault(candidate => target.Name.StartsWith(candidate.Prefix, StringComparison.Ordinal)).Fault;
                if (fault is not null)
                    yield return $"{Owner(program, i + 1, relocation.Offset)} {fault} ({target.Name})";
            }
        }
    }

    private static bool IsCode(CoffReader program, ObjectSymbol symbol) =>
        symbol.Section > 0 && program.Sections[symbol.Section - 1].Name.StartsWith(".managed", StringComparison.Ordinal);

    private static string Owner(CoffReader program, int section, uint offset) => program.Symbols
        .Where(symbol => symbol.Section == section && symbol.Offset <= offset)
        .OrderBy(symbol => symbol.Offset)
        .LastOrDefault().Name ?? "the program";
}

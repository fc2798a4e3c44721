using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Build;
using Xunit;

namespace Switcher.Tests.Efi;

/// <summary>
/// C# and machine code agree on names, which only the linker would find otherwise, and stubs that nobody wants it would not.
/// </summary>
public class ImportTests
{
    // Where the linker lets a Linux program begin, and what it defines itself.
    private static readonly string[] _entryPoints = ["LinuxStart"];
    private static readonly string[] _linkers = ["__ImageBase"];

    /// <summary>Project, assembly, set of stubs.</summary>
    public static TheoryData<string, string, string> Programs => new()
    {
        { "efi", "Switcher.dll", "switcher" },
        { "tests/setup", "Setup.dll", "setup" },
        { "tests/guest", "TestGuest.dll", "guest" },
        { "tests/agent", "agent.dll", "linux" },
        { "tests/corelib", "corelib-check.dll", "linux" },
    };

    public static TheoryData<string> Sets => [.. StubCode.Sets.Keys];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Imports_OfAProgram_AreStubsOfItsSetOrExportsOfItsOwn(string project, string assembly, string set)
    {
        Imports program = Imports.Of(project, assembly);

        Assert.NotEmpty(program.Imported);
        Assert.Empty(program.Imported.Select(import => import.Symbol).Except(Defined(StubCode.Object(set))).Except(program.Exported));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Imports_OfAProgram_AreDeclaredOnceAndNamedAsTheirStubs(string project, string assembly, string set)
    {
        Imports program = Imports.Of(project, assembly);

        Assert.True(StubCode.Sets.ContainsKey(set));
        Assert.Empty(program.Imported.GroupBy(import => import.Symbol).Where(imports => imports.Count() > 1)
            .Select(imports => imports.Key));
        Assert.All(program.Imported, import => Assert.Equal(import.Method, import.Symbol));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Stubs_CallingCSharp_FindItExported(string project, string assembly, string set)
    {
        IEnumerable<string> wanted = StubCode.Object(set).Symbols.Where(symbol => symbol.Section == 0).Select(symbol => symbol.Name);

        Assert.Empty(wanted.Except(Imports.Of(project, assembly).Exported).Except(_linkers));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Stubs_OfASet_AreImportedByAProgramOrUsedByAnother(string set)
    {
        CoffReader stubs = StubCode.Object(set);
        IEnumerable<string> imported = Programs.Where(program => (string)program[2] == set)
            .SelectMany(program => Imports.Of((string)program[0], (string)program[1]).Imported.Select(import => import.Symbol));

        // What every program has, the code generator asks for: what it does not need today, it may need tomorrow.
        IEnumerable<string> always = Defined(new CoffReader(StubProgram.Define(_ => { }).Build()));

        Assert.Empty(Defined(stubs).Except(imported).Except(UsedByOthers(stubs)).Except(always).Except(_entryPoints));
    }

    private static IEnumerable<string> Defined(CoffReader stubs) =>
        stubs.Symbols.Where(symbol => symbol.Section != 0).Select(symbol => symbol.Name);

    private static IEnumerable<string> UsedByOthers(CoffReader stubs)
    {
        for (int i = 0; i < stubs.Sections.Count; i++)
        {
            foreach (ObjectRelocation relocation in stubs.Sections[i].Relocations)
            {
                string target = stubs.Symbols[relocation.Symbol].Name;
                string owner = stubs.Symbols.Where(symbol => symbol.Section == i + 1 && symbol.Offset <= relocation.Offset)
                    .MaxBy(symbol => symbol.Offset).Name;
                if (!string.Equals(owner, target, StringComparison.Ordinal))
                    yield return target;
            }
        }
    }
}

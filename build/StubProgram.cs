using System;
using System.Collections.Generic;
using System.IO;

namespace Switcher.Build;

/// <summary>What a project of machine code does when the build runs it: writes one of its sets as an object file.</summary>
public static class StubProgram
{
    /// <summary>The whole of its Main.</summary>
    /// <param name="arguments">The name of a set (<c>StubSet</c> in the program's project) and the file to write.</param>
    /// <param name="sets">What each set adds to the stubs that every freestanding program has.</param>
    /// <returns>The exit status.</returns>
    public static int Run(string[] arguments, IReadOnlyDictionary<string, Action<StubBuilder>> sets)
    {
        if (arguments is [string name, string path] && sets.TryGetValue(name, out Action<StubBuilder>? define))
        {
            File.WriteAllBytes(path, Define(define).Build());
            return 0;
        }

        Console.Error.WriteLine($"usage: {string.Join('|', sets.Keys)} OBJECT");
        return 2;
    }

    /// <summary>The stubs of one program.</summary>
    public static StubBuilder Define(Action<StubBuilder> set)
    {
        var stubs = new StubBuilder();
        RuntimeStubs.Define(stubs);
        MemoryStubs.Define(stubs);
        set(stubs);
        return stubs;
    }
}

using System.Collections.Generic;
using System.IO;
using Switcher.Runner.Processes;

namespace Switcher.Runner.Prepare;

/// <summary>
/// Programs of unpacked packages. They are run through their own dynamic loader, since the machine's C library may be older.
/// </summary>
public static class RootProgram
{
    /// <summary>The directory with the unpacked shared libraries.</summary>
    public static string Libraries(Cache cache) => cache.InRoot("usr", "lib", "x86_64-linux-gnu");

    /// <summary>A command that runs a program of the cache's root.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="program">Its path there, for example <c>usr/bin/mcopy</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Command Create(Cache cache, string program, params IReadOnlyList<string> arguments) =>
        new(Loader(cache), [.. Prefix(cache, program), .. arguments]);

    /// <summary>The dynamic loader, which is the file to execute.</summary>
    public static string Loader(Cache cache) => Path.Combine(Libraries(cache), "ld-linux-x86-64.so.2");

    /// <summary>The arguments that make the loader run a program under its own name.</summary>
    public static IReadOnlyList<string> Prefix(Cache cache, string program) =>
        ["--library-path", Libraries(cache), "--argv0", Path.GetFileName(program), cache.InRoot(program)];
}

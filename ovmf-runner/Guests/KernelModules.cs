using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Switcher.Runner.Guests;

/// <summary>A kernel's modules as <c>modules.dep</c> and <c>modules.builtin</c> list them (modules.dep(5)).</summary>
public sealed class KernelModules
{
    private readonly Dictionary<string, string> _pathOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _needs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _builtIn = new(StringComparer.Ordinal);

    /// <summary>Reads the two lists.</summary>
    /// <param name="dependencies">The text of <c>modules.dep</c>: "path: path path..." on each line.</param>
    /// <param name="builtIn">The text of <c>modules.builtin</c>: one path on each line.</param>
    public KernelModules(string dependencies, string builtIn)
    {
        foreach (string line in dependencies.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string path = line[..colon];
            _pathOf[NameOf(path)] = path;
            _needs[path] = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }

        foreach (string line in builtIn.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            _builtIn.Add(NameOf(line));
    }

    public static KernelModules Read(Kernel kernel) => new(
        File.ReadAllText(Path.Combine(kernel.ModuleFolder, "modules.dep")),
        File.ReadAllText(Path.Combine(kernel.ModuleFolder, "modules.builtin")));

    /// <summary>The files to load, in this order, so that some modules and all that they need are there. Built-in ones need none.</summary>
    /// <param name="names">Module names, with underscores.</param>
    /// <returns>Paths relative to the module folder.</returns>
    /// <exception cref="RunnerException">The kernel has no such module.</exception>
    public IReadOnlyList<string> LoadOrder(IEnumerable<string> names)
    {
        var order = new List<string>();
        foreach (string name in names)
        {
            if (_pathOf.TryGetValue(name, out string? path))
                Visit(path, order);
            else if (!_builtIn.Contains(name))
                throw new RunnerException($"the kernel has no module {name}");
        }

        return order;
    }

    private void Visit(string path, List<string> order)
    {
        if (order.Contains(path))
            return;

        // modules.dep lists all that a module needs, directly or not, the deepest last.
        foreach (string needed in _needs[path].Reverse())
            Visit(needed, order);
        order.Add(path);
    }

    private static string NameOf(string path)
    {
        string file = Path.GetFileName(path);
        int extension = file.IndexOf(".ko", StringComparison.Ordinal);
        return (extension < 0 ? file : file[..extension]).Replace('-', '_');
    }
}

using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Prepare;

/// <summary>Writes each kernel's <c>modules.dep</c>, as the package's own script would after an installation.</summary>
internal static class ModuleIndex
{
    /// <param name="folder">What <c>lib/modules</c> is in.</param>
    public static async Task WriteAsync(Cache cache, string folder, CancellationToken cancel)
    {
        foreach (string modules in Directory.EnumerateDirectories(Path.Combine(folder, "lib", "modules")).Order())
        {
            string version = Path.GetFileName(modules);
            IReadOnlyList<string> arguments = ["--basedir", folder, version];
            await RootProgram.Create(cache, "usr/sbin/depmod", arguments).RunOrThrowAsync($"index the modules of Linux {version}", cancel);
        }
    }
}

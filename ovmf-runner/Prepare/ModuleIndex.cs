using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Prepare;

/// <summary>Writes each kernel's <c>modules.dep</c>, as the package's own script would after an installation.</summary>
internal static class ModuleIndex
{
    public static async Task WriteAsync(Cache cache, CancellationToken cancel)
    {
        foreach (string folder in Directory.EnumerateDirectories(cache.InRoot("usr", "lib", "modules")).Order())
        {
            string version = Path.GetFileName(folder);
            IReadOnlyList<string> arguments = ["--basedir", cache.InRoot("usr"), version];
            await RootProgram.Create(cache, "usr/sbin/depmod", arguments).RunOrThrowAsync($"index the modules of Linux {version}", cancel);
        }
    }
}

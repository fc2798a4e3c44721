using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;

namespace Switcher.Runner.Prepare;

/// <summary>
/// Keeps all other runners of this cache waiting while one of them changes it. The lock ends with the process that holds it.
/// </summary>
public sealed class CacheGuard : IAsyncDisposable
{
    private readonly FileStream _file;

    private CacheGuard(FileStream file) => _file = file;

    /// <summary>Waits until no other process holds the cache.</summary>
    public static async Task<CacheGuard> EnterAsync(Cache cache, IAnsiConsole console, CancellationToken cancel)
    {
        Directory.CreateDirectory(cache.Folder);
        string path = Path.Combine(cache.Folder, "lock");
        for (bool told = false; ; told = true)
        {
            try
            {
                return new CacheGuard(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (File.Exists(path))
            {
                if (!told)
                    console.MarkupLineInterpolated($"Waiting for another runner that prepares {cache.Folder}");
                await Task.Delay(TimeSpan.FromSeconds(1), cancel);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _file.DisposeAsync();
}

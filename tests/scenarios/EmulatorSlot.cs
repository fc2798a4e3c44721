using System;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// The right to run one emulator, each of which keeps a core busy: this host's test runs together, and all their threads, have as many as
/// it has cores. A slot is a locked file, so that it ends with the process that holds it.
/// </summary>
internal sealed class EmulatorSlot : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private static readonly string s_folder = Path.Combine(Path.GetTempPath(), "switcher-emulators-" + Environment.UserName);

    private readonly FileStream _file;

    private EmulatorSlot(FileStream file) => _file = file;

    /// <summary>Waits for a slot, however long that takes.</summary>
    public static async Task<EmulatorSlot> TakeAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(s_folder);

        // Only the head of the queue looks for one: whoever has just given a slot back must not be first again each time.
        using FileStream head = await LockOneAsync(i => i == 0 ? "head" : null, cancel);
        int cores = Environment.ProcessorCount;
        return new EmulatorSlot(await LockOneAsync(i => i < cores ? i.ToString(CultureInfo.InvariantCulture) : null, cancel));
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static async Task<FileStream> LockOneAsync(Func<int, string?> name, CancellationToken cancel)
    {
        while (true)
        {
            for (int i = 0; name(i) is { } file; i++)
            {
                try
                {
                    return new FileStream(Path.Combine(s_folder, file), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                }
                catch (IOException error) when (error.GetType() == typeof(IOException))
                {
                    // Somebody has it. A folder that is gone is another type of exception.
                }
            }

            await Task.Delay(s_pause, cancel);
        }
    }
}

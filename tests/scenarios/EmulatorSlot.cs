using System;
using System.Globalization;
using System.IO;
using System.Linq;
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

    /// <summary>Waits for one of this host's slots, however long that takes.</summary>
    public static Task<EmulatorSlot> TakeAsync(CancellationToken cancel) => TakeAsync(s_folder, Environment.ProcessorCount, cancel);

    /// <summary>Waits for one of some slots.</summary>
    /// <param name="folder">The folder of their files.</param>
    /// <param name="count">How many there are.</param>
    public static async Task<EmulatorSlot> TakeAsync(string folder, int count, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);

        // Only the head of the queue looks for one: whoever has just given a slot back must not be first again each time.
        using FileStream head = await LockOneAsync(folder, ["head"], cancel);
        string[] slots = [.. Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        return new EmulatorSlot(await LockOneAsync(folder, slots, cancel));
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static async Task<FileStream> LockOneAsync(string folder, string[] files, CancellationToken cancel)
    {
        while (true)
        {
            foreach (string file in files)
            {
                try
                {
                    return new FileStream(Path.Combine(folder, file), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Win32.SafeHandles;

namespace Switcher.Runner.Drive;

/// <summary>Connects the user's terminal to the guests' console, every key as it is, until Ctrl-] or the end of the machine.</summary>
public static class InteractiveConsole
{
    private const byte Leave = 0x1D;
    private const nint StandardInput = 0;

    /// <summary>Passes on what is typed.</summary>
    public static async Task RunAsync(Machine machine, CancellationToken cancel)
    {
        using var terminal = new RawTerminal();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task typing = Task.Run(() => TypeAsync(machine, over.Token), over.Token);
        await Task.WhenAny(typing, machine.Emulator.Ended, Task.Delay(Timeout.Infinite, over.Token));
        await over.CancelAsync();
        cancel.ThrowIfCancellationRequested();
    }

    private static async Task TypeAsync(Machine machine, CancellationToken cancel)
    {
        // Not Console's stream, which reads lines and echoes by itself.
        await using var keyboard = new FileStream(new SafeFileHandle(StandardInput, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        byte[] buffer = new byte[256];
        while (!cancel.IsCancellationRequested)
        {
            int count = await keyboard.ReadAsync(buffer, cancel);
            if (count == 0)
            {
                // The input was a file that has ended: the machine goes on.
                await Task.Delay(Timeout.Infinite, cancel);
                return;
            }

            int leave = buffer.AsSpan(0, count).IndexOf(Leave);
            await machine.TypeAsync(buffer.AsMemory(0, leave < 0 ? count : leave), cancel);
            if (leave >= 0)
                return;
        }
    }
}

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Processes;

namespace Switcher.Runner.Drive;

/// <summary>Connects the user's terminal to the guests' console, every key as it is, until Ctrl-] or the end of the machine.</summary>
public static class InteractiveConsole
{
    private const byte Leave = 0x1D;
    private const string Terminal = "/dev/tty";

    /// <summary>Passes on what is typed.</summary>
    public static async Task RunAsync(Machine machine, CancellationToken cancel)
    {
        string? settings = Console.IsInputRedirected ? null : await SetRawAsync(cancel);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            Task typing = TypeAsync(machine, over.Token);
            Task ended = machine.Emulator.Ended;
            await Task.WhenAny(typing, ended, Task.Delay(Timeout.Infinite, cancel));
            await over.CancelAsync();
        }
        finally
        {
            if (settings is not null)
                await new Command("stty", "-F", Terminal, settings).RunAsync(CancellationToken.None);
        }
    }

    private static async Task<string> SetRawAsync(CancellationToken cancel)
    {
        string settings = (await new Command("stty", "-F", Terminal, "-g").RunOrThrowAsync("read the terminal's settings", cancel)).Trim();
        await new Command("stty", "-F", Terminal, "raw", "-echo").RunOrThrowAsync("set the terminal to raw", cancel);
        return settings;
    }

    private static async Task TypeAsync(Machine machine, CancellationToken cancel)
    {
        await using Stream keyboard = Console.OpenStandardInput();
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

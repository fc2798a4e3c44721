using System;
using System.IO;
using System.Threading.Tasks;

namespace Switcher.Runner.Drive;

/// <summary>Reads what the machine says on one of its ports, keeps it in a file with the time of each line, and hands it on.</summary>
public sealed class PortPump : IAsyncDisposable
{
    private readonly StreamWriter _file;
    private readonly Task _reading;

    /// <summary>Begins to read.</summary>
    /// <param name="port">The port.</param>
    /// <param name="path">The log file.</param>
    /// <param name="clock">The machine's clock.</param>
    /// <param name="onLine">Called with each line.</param>
    /// <param name="onBytes">Called with the bytes as they come.</param>
    public PortPump(Stream port, string path, MachineClock clock, Action<string> onLine, Action<ReadOnlyMemory<byte>>? onBytes = null)
    {
        _file = new StreamWriter(path) { AutoFlush = true };
        var lines = new LineSplitter(line =>
        {
            _file.WriteLine($"[{clock.Now.TotalSeconds,11:F6}] {line}");
            onLine(line);
        });
        _reading = Task.Run(() => ReadAsync(port, clock, lines, onBytes));
    }

    /// <summary>Completes when the port was closed and everything it said was handed on.</summary>
    public Task Completion => _reading;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _reading;
        await _file.DisposeAsync();
    }

    private static async Task ReadAsync(Stream port, MachineClock clock, LineSplitter lines, Action<ReadOnlyMemory<byte>>? onBytes)
    {
        byte[] buffer = new byte[64 << 10];
        try
        {
            while (await port.ReadAsync(buffer) is var count && count > 0)
            {
                clock.NoteActivity();
                onBytes?.Invoke(buffer.AsMemory(0, count));
                lines.Add(buffer.AsSpan(0, count));
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The emulator is gone, and with it the other end of the port.
        }

        lines.End();
    }
}

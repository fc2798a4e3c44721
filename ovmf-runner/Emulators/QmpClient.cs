using System;
using System.Collections.Concurrent;
using System.IO;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Emulators;

/// <summary>Talks to QEMU over its machine protocol (QEMU documentation, "QEMU Machine Protocol Specification").</summary>
public sealed class QmpClient : IAsyncDisposable
{
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;
    private readonly Action<string, JsonObject> _onEvent;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode?>> _pending = [];
    private readonly SemaphoreSlim _sending = new(1);
    private readonly Task _reading;
    private int _lastId;

    /// <summary>Begins the conversation on a connected stream.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="onEvent">Called with the name and data of each event that QEMU reports.</param>
    public QmpClient(Stream stream, Action<string, JsonObject> onEvent)
    {
        _reader = new StreamReader(stream);
        _writer = new StreamWriter(stream) { AutoFlush = true, NewLine = "\n" };
        _onEvent = onEvent;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Completes when QEMU has closed the connection.</summary>
    public Task Completion => _reading;

    /// <summary>Runs a command and gives back what it returns.</summary>
    /// <exception cref="RunnerException">QEMU refused it, or ended before it answered.</exception>
    public async Task<JsonNode?> ExecuteAsync(string command, CancellationToken cancel, JsonObject? arguments = null)
    {
        int id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonNode?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        var request = new JsonObject { ["execute"] = command, ["id"] = id };
        if (arguments is not null)
            request["arguments"] = arguments;
        await _sending.WaitAsync(cancel);
        try
        {
            await _writer.WriteLineAsync(request.ToJsonString().AsMemory(), cancel);
        }
        catch (IOException error)
        {
            throw new RunnerException($"QEMU is gone, so it cannot be asked for {command}", error);
        }
        finally
        {
            _sending.Release();
        }

        if (_reading.IsCompleted)
            GiveUp();
        return await answer.Task.WaitAsync(cancel);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _reading;
        _reader.Dispose();
        _sending.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _reader.ReadLineAsync() is { } line)
                Handle(JsonNode.Parse(line)!.AsObject());
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or JsonException)
        {
            // QEMU is gone, perhaps in the middle of a line.
        }

        GiveUp();
    }

    private void Handle(JsonObject message)
    {
        if (message["event"] is { } name)
            _onEvent(name.GetValue<string>(), message["data"] as JsonObject ?? []);
        else if (message["id"] is { } id && _pending.TryRemove(id.GetValue<int>(), out TaskCompletionSource<JsonNode?>? answer))
        {
            if (message["error"] is { } error)
                answer.SetException(new RunnerException($"QEMU: {error["desc"]}"));
            else
                answer.SetResult(message["return"]);
        }
    }

    private void GiveUp()
    {
        foreach (int id in _pending.Keys)
        {
            if (_pending.TryRemove(id, out TaskCompletionSource<JsonNode?>? answer))
                answer.SetException(new RunnerException("QEMU ended before it answered"));
        }
    }
}

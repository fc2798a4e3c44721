using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;

namespace Switcher.Runner.Drive;

/// <summary>
/// A running machine as a test or a run sees it: the hypervisor's log, the guests' console, their agents, and the emulator below. It
/// watches what no run may ignore: a hypervisor that panics or reports an error, a reset, an emulator that dies. Disposing it switches the
/// machine off.
/// </summary>
public sealed class Machine : IAsyncDisposable
{
    private readonly IEmulator _emulator;
    private readonly MachineClock _clock = new();
    private readonly MachineFault _fault = new();
    private readonly EventLog<AgentLine> _agentLines;
    private readonly ConcurrentDictionary<string, AgentSession> _agents = [];
    private readonly PortPump[] _pumps;
    private readonly Task _watch;
    private readonly MachineExpectations _expected;
    private int _banners;

    /// <summary>Takes over an emulator that has just been started.</summary>
    /// <param name="emulator">The emulator; it is disposed together with the machine.</param>
    /// <param name="logs">The folder for <c>serial.log</c>, <c>hypervisor.log</c> and <c>agent.log</c>.</param>
    /// <param name="expected">What this machine may do without that being a failure.</param>
    /// <param name="onConsole">Called with what the guests write to their console, byte by byte, in place of nobody.</param>
    public Machine(IEmulator emulator, string logs, MachineExpectations expected = MachineExpectations.None,
        Action<ReadOnlyMemory<byte>>? onConsole = null)
    {
        _emulator = emulator;
        _expected = expected;
        Hypervisor = new HypervisorLog(new EventLog<LogLine>(_clock, _fault, emulator.Patience));
        Console = new EventLog<string>(_clock, _fault, emulator.Patience);
        _agentLines = new EventLog<AgentLine>(_clock, _fault, emulator.Patience);
        _pumps =
        [
            new PortPump(emulator.DebugPort, Path.Combine(logs, "hypervisor.log"), _clock, OnHypervisorLine),
            new PortPump(emulator.Console, Path.Combine(logs, "serial.log"), _clock, OnConsoleLine, onConsole),
            new PortPump(emulator.AgentPort, Path.Combine(logs, "agent.log"), _clock, OnAgentLine),
        ];
        _watch = WatchAsync();
    }

    public HypervisorLog Hypervisor { get; }

    /// <summary>The guests' console, line by line.</summary>
    public EventLog<string> Console { get; }

    public IEmulator Emulator => _emulator;

    /// <summary>The guests, in the order of their numbers.</summary>
    public IReadOnlyList<Guest> Guests { get; init; } = [];

    /// <summary>A folder with the machine's disk images, deleted when it is switched off; null if they belong to somebody else.</summary>
    public string? ImageFolder { get; init; }

    public MachineClock Clock => _clock;

    /// <summary>The failure that was seen, if any.</summary>
    public MachineFailure? Failure => _fault.Failure;

    /// <summary>The agent of a guest.</summary>
    public AgentSession Agent(string guest) => _agents.GetOrAdd(guest, name => new AgentSession(name, _agentLines, _emulator.AgentPort));

    /// <summary>Waits until the machine is off, and everything it said was read.</summary>
    /// <exception cref="MachineFailure">It failed, or said nothing for too long.</exception>
    public async Task<EmulatorEnd> EndAsync(CancellationToken cancel)
    {
        EventLog<LogLine>.Cursor nothing = Hypervisor.Events.FromNow();
        try
        {
            await nothing.NextAsync("the machine to switch off", _ => false, cancel);
        }
        catch (MachineFailure) when (_fault is { Task.IsCompleted: true, Failure: null })
        {
            // The orderly end that was waited for.
        }

        return await _emulator.Ended;
    }

    /// <summary>Types on the guests' console.</summary>
    public ValueTask TypeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel) => _emulator.Console.WriteAsync(bytes, cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _fault.End();
        await _emulator.DisposeAsync();
        await _watch;
        foreach (PortPump pump in _pumps)
            await pump.DisposeAsync();
        if (ImageFolder is not null)
            Directory.Delete(ImageFolder, recursive: true);
    }

    private void OnHypervisorLine(string text)
    {
        LogLine line = LogLine.Parse(text);
        Hypervisor.Events.Append(line);
        if (line.IsStep("firmware") && ++_banners > 1)
            _fault.Fail("the machine was reset: the hypervisor started a second time");
        else if (line.Kind == "PANIC")
            _fault.Fail($"the hypervisor panicked: {text}");
        else if (line.IsStep("refused") && !_expected.HasFlag(MachineExpectations.Refusal))
            _fault.Fail($"Switcher refused: {line["reason"]}");
        else if (line.IsStep("refused"))
            _ = PressKeyAsync();
        else if (line.Kind == "ERROR" && !_expected.HasFlag(MachineExpectations.Errors))
            _fault.Fail($"the hypervisor reported an error: {text}");
    }

    /// <summary>A refusal stays on the screen until somebody has read it: here that is done.</summary>
    private async Task PressKeyAsync()
    {
        try
        {
            await TypeAsync(" "u8.ToArray(), CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The emulator is gone already, and with it whoever waited.
        }
    }

    /// <summary>The firmware and Linux tell their own end on the console.</summary>
    private void OnConsoleLine(string text)
    {
        Console.Append(text);
        if (text.Contains("X64 Exception Type", StringComparison.Ordinal))
            _fault.Fail($"the firmware stopped in an exception: {text.Trim('!', ' ')}");
        else if (text.Contains("Kernel panic", StringComparison.Ordinal) && !_expected.HasFlag(MachineExpectations.GuestCrash))
            _fault.Fail($"a guest crashed: {text}");
    }

    private void OnAgentLine(string text)
    {
        if (AgentLine.Parse(text) is { } line)
            _agentLines.Append(line);
    }

    private async Task WatchAsync()
    {
        EmulatorEnd end = await _emulator.Ended;
        foreach (PortPump pump in _pumps)
            await pump.Completion;
        if (end == EmulatorEnd.Died)
            _fault.Fail($"the emulator {_emulator.Name} died{(_emulator.LastError.Length > 0 ? $": {_emulator.LastError}" : "")}");
        else if (end == EmulatorEnd.Reset && !_expected.HasFlag(MachineExpectations.Reset))
            _fault.Fail("the machine was reset");
        else
            _fault.End();
    }
}

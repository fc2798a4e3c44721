using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipelines;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Emulators;

namespace Switcher.Tests.Runner;

/// <summary>
/// An emulator that emulates only what the runner sees: a hypervisor's log and the agents' answers. A test makes it misbehave by taking
/// over the answer to a command.
/// </summary>
internal sealed class FakeMachine : IEmulator
{
    private readonly Pipe _log = new();
    private readonly Pipe _agentsOut = new();
    private readonly Pipe _agentsIn = new();
    private readonly Pipe _console = new();
    private readonly TaskCompletionSource<EmulatorEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string[] _guests;
    private readonly HashSet<int> _started = [0];
    private readonly Dictionary<int, string> _sleeping = [];
    private readonly Task _agents;
    private int _switches;

    public FakeMachine(params string[] guests)
    {
        _guests = guests;
        AgentPort = new DuplexStream(_agentsOut.Reader.AsStream(), _agentsIn.Writer.AsStream());
        _agents = Task.Run(AnswerAsync);
    }

    /// <summary>Called with guest, sequence number and words of each command; whether it dealt with the command itself.</summary>
    public Func<string, string, string[], bool> Override { get; set; } = (_, _, _) => false;

    /// <summary>CPUs of the machine that the hypervisor sees.</summary>
    public int Cpus { get; set; } = 2;

    public string[] Guests => _guests;

    public int Active { get; private set; }

    public string Name => "fake";

    public string Backend => "svm";

    public TimeSpan Patience => TimeSpan.FromMinutes(3);

    public string LastError { get; set; } = "";

    public Stream Console => _console.Reader.AsStream();

    public Stream AgentPort { get; }

    public Stream DebugPort => _log.Reader.AsStream();

    public Task<EmulatorEnd> Ended => _ended.Task;

    public void Boot()
    {
        Log("STEP firmware version=\"Switcher 0.1.0\" image=0x7e1000");
        Log("STEP memory hypervisor=0x7ce00000+0x1000000 image=241664 reserved=16777216");
        for (int i = 0; i < _guests.Length; i++)
            Log($"INFO guest index={i} name=\"{_guests[i]}\" option={i + 1:x4} ranges=0x{(i + 1) << 28:x}+0x10000000");
        Log("STEP launch backend=svm cpus=2 tsc-hz=1000000000");
        Log($"STEP boot guest=0 name=\"{_guests[0]}\"");
        Say(0, "ready");
    }

    public void Log(string line) => Write(_log, line);

    public void Print(string line) => Write(_console, line);

    public void Say(int guest, string text) => Write(_agentsOut, $"@sw {_guests[guest]} {text}");

    /// <summary>Lets the active guest sleep and the next one run.</summary>
    public void Switch(string sequence, int ticks = 5000)
    {
        int from = Active;
        Active = (from + 1) % _guests.Length;
        bool first = _started.Add(Active);
        Log($"STEP s3 guest={from} name=\"{_guests[from]}\"");
        Log($"STEP switch n={++_switches} from={from} to={Active} first={(first ? 1 : 0)} reason=s3 ticks={ticks}");
        Log($"INFO exits guest={from} CPUID={100 * _switches} IOIO={_switches} tsc=99999");
        _sleeping[from] = sequence;
        Say(Active, first ? "ready" : $"awake seq={_sleeping[Active]}");
        if (!first)
            Say(Active, $"done seq={_sleeping[Active]}");
    }

    public void End(EmulatorEnd end)
    {
        if (!_ended.TrySetResult(end))
            return;
        foreach (Pipe pipe in (Pipe[])[_log, _agentsOut, _console])
            pipe.Writer.Complete();
        _agentsIn.Writer.Complete();
    }

    public Task PressPowerButtonAsync(CancellationToken cancel) => Task.CompletedTask;

    public Task WakeAsync(CancellationToken cancel) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        End(EmulatorEnd.Stopped);
        await _agents;
    }

    private static void Write(Pipe pipe, string line)
    {
        lock (pipe)
            pipe.Writer.AsStream(leaveOpen: true).Write(Encoding.ASCII.GetBytes(line + "\n"));
    }

    private async Task AnswerAsync()
    {
        using var reader = new StreamReader(_agentsIn.Reader.AsStream());
        while (await reader.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ');
            if (!Override(_guests[Active], words[1], words[2..]))
                Answer(words[1], words[2], words.ElementAtOrDefault(3) ?? "");
        }
    }

    private void Answer(string sequence, string command, string argument)
    {
        int guest = Active;
        switch (command)
        {
            case "info":
                Say(guest, $"done seq={sequence} cpus={Cpus} total=900000000 available=800000000 deep=1");
                break;
            case "fill":
                Say(guest, $"done seq={sequence} bytes=700000000");
                break;
            case "probe":
                for (int cpu = 0; cpu < Cpus; cpu++)
                    Log($"INFO probe guest={guest} cpu={cpu} value={argument}");
                Say(guest, $"done seq={sequence} cpus={Cpus}");
                break;
            case "suspend":
                Say(guest, $"suspending seq={sequence}");
                Switch(sequence);
                break;
            default:
                Say(guest, $"done seq={sequence} wrong=0");
                break;
        }
    }

    /// <summary>Two one-way streams as one.</summary>
    private sealed class DuplexStream(Stream input, Stream output) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => output.Flush();

        public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default)
            => input.ReadAsync(buffer, cancel);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancel = default)
            => output.WriteAsync(buffer, cancel);
    }
}

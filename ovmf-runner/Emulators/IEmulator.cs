using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Emulators;

/// <summary>How an emulator came to its end.</summary>
public enum EmulatorEnd
{
    /// <summary>The machine powered itself off.</summary>
    PowerOff,

    /// <summary>The machine reset itself. Emulators are told to stop there: what follows would only hide it.</summary>
    Reset,

    /// <summary>The runner stopped it.</summary>
    Stopped,

    /// <summary>It ended by itself without saying why.</summary>
    Died,
}

/// <summary>A running emulated machine. Disposing it stops it.</summary>
public interface IEmulator : IAsyncDisposable
{
    /// <summary>As in the option <c>--emulator</c>.</summary>
    string Name { get; }

    /// <summary>Which virtualization its CPU offers: <c>svm</c> or <c>vmx</c>.</summary>
    string Backend { get; }

    /// <summary>How long its machine may say nothing before it counts as dead, on a busy host.</summary>
    TimeSpan Patience { get; }

    /// <summary>What it said last about a failure of its own; empty if nothing.</summary>
    string LastError { get; }

    /// <summary>The first serial port: the guests' console, both directions.</summary>
    Stream Console { get; }

    /// <summary>The second serial port: the agents' line, both directions.</summary>
    Stream AgentPort { get; }

    /// <summary>The debug port 0xE9: the hypervisor's log.</summary>
    Stream DebugPort { get; }

    /// <summary>Completes when the emulator's process has ended.</summary>
    Task<EmulatorEnd> Ended { get; }

    /// <summary>Presses the power button once.</summary>
    Task PressPowerButtonAsync(CancellationToken cancel);

    /// <summary>Raises the platform's wake event, as a key press would, when the machine sleeps in its own S3.</summary>
    Task WakeAsync(CancellationToken cancel);
}

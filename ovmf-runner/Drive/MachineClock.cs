using System;
using System.Diagnostics;
using System.Threading;

namespace Switcher.Runner.Drive;

/// <summary>Time since the machine was switched on, and the time of its latest sign of life.</summary>
public sealed class MachineClock
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _lastActivity = Stopwatch.GetTimestamp();

    public TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    /// <summary>When the machine last said anything on any of its lines.</summary>
    public TimeSpan LastActivity => Stopwatch.GetElapsedTime(_start, Volatile.Read(ref _lastActivity));

    public void NoteActivity() => Volatile.Write(ref _lastActivity, Stopwatch.GetTimestamp());
}

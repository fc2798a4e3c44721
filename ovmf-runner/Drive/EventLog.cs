using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Drive;

/// <summary>Something that happened on the machine, with its time since power-on.</summary>
public readonly record struct Timed<T>(TimeSpan Time, T Value);

/// <summary>
/// A list that only grows, and on whose growth one can wait. Nothing is missed: a wait begins at a place, not at a moment.
/// </summary>
/// <param name="clock">The machine's clock.</param>
/// <param name="fault">Ends all waits when the machine fails.</param>
/// <param name="patience">How long a machine may say nothing at all while something is waited for.</param>
public sealed class EventLog<T>(MachineClock clock, MachineFault fault, TimeSpan patience)
{
    private readonly Lock _gate = new();
    private readonly List<Timed<T>> _events = [];
    private TaskCompletionSource _growth = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many there are by now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _events.Count;
        }
    }

    /// <summary>All that happened by now.</summary>
    public IReadOnlyList<Timed<T>> Snapshot()
    {
        lock (_gate)
            return [.. _events];
    }

    /// <summary>A place to wait from: the end of what happened by now.</summary>
    public Cursor FromNow() => new(this, Count);

    /// <summary>A place to wait from: the very beginning.</summary>
    public Cursor FromStart() => new(this, 0);

    internal void Append(T value)
    {
        TaskCompletionSource growth;
        lock (_gate)
        {
            _events.Add(new Timed<T>(clock.Now, value));
            growth = _growth;
            _growth = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        growth.SetResult();
    }

    private bool TryFind(ref int position, Func<T, bool> wanted, out Timed<T> found, out Task growth)
    {
        lock (_gate)
        {
            growth = _growth.Task;
            while (position < _events.Count)
            {
                found = _events[position++];
                if (wanted(found.Value))
                    return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>A place in the log, which moves on with every event that is waited for.</summary>
    public sealed class Cursor(EventLog<T> log, int position)
    {
        private int _position = position;

        /// <summary>Another cursor at the same place, for a second wait beside the first.</summary>
        public Cursor Copy() => new(log, _position);

        /// <summary>Waits for the next event of a kind and moves behind it.</summary>
        /// <param name="what">What is waited for, as it reads after "waiting for".</param>
        /// <param name="wanted">Recognises it.</param>
        /// <param name="patience">How long the machine may say nothing at all meanwhile; null for the usual time.</param>
        /// <exception cref="MachineFailure">The machine failed, ended, or fell silent before.</exception>
        public async Task<Timed<T>> NextAsync(string what, Func<T, bool> wanted, CancellationToken cancel, TimeSpan? patience = null)
        {
            TimeSpan limit = patience ?? log.Patience;
            TimeSpan begin = log.Clock.Now;
            while (true)
            {
                bool ended = log.Fault.Task.IsCompleted;
                if (log.TryFind(ref _position, wanted, out Timed<T> found, out Task growth))
                    return found;
                if (ended)
                    throw await log.Fault.Task is { } failure ? failure : new MachineFailure($"the machine ended while waiting for {what}");
                TimeSpan lastSign = log.Clock.LastActivity > begin ? log.Clock.LastActivity : begin;
                TimeSpan left = limit - (log.Clock.Now - lastSign);
                if (left <= TimeSpan.Zero)
                    throw new MachineFailure($"nothing happened for {limit.TotalSeconds:F0} s while waiting for {what}");
                await Task.WhenAny(growth, log.Fault.Task, Task.Delay(left, cancel));
                cancel.ThrowIfCancellationRequested();
            }
        }
    }

    private TimeSpan Patience => patience;

    private MachineClock Clock => clock;

    private MachineFault Fault => fault;
}

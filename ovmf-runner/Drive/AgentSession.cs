using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Drive;

/// <summary>The conversation with the agent in one guest. Only the agent of the guest that runs can hear.</summary>
/// <param name="guest">The guest's name.</param>
/// <param name="events">What all agents say.</param>
/// <param name="port">The line to them.</param>
public sealed class AgentSession(string guest, EventLog<AgentLine> events, Stream port)
{
    private int _sequence;

    public string Guest => guest;

    /// <summary>What all agents say.</summary>
    public EventLog<AgentLine> Events => events;

    /// <summary>Waits until the agent was started; at once if it ever was.</summary>
    public Task<Timed<AgentLine>> ReadyAsync(CancellationToken cancel) =>
        events.FromStart().NextAsync($"the agent of {guest} to start", line => line.Guest == guest && line.Event == "ready", cancel);

    /// <summary>Gives a command and waits for its answer.</summary>
    /// <exception cref="MachineFailure">The agent answered with an error, or the machine failed before it answered.</exception>
    public async Task<AgentLine> AskAsync(string command, CancellationToken cancel)
    {
        EventLog<AgentLine>.Cursor answers = events.FromNow();
        int sequence = await SendAsync(command, cancel);
        AgentLine answer = (await answers.NextAsync(
            $"{guest} to answer '{command}'",
            line => line.Guest == guest && line.Event is "done" or "error" && line.Number("seq") == sequence, cancel)).Value;
        return answer.Event == "done" ? answer : throw new MachineFailure($"{guest} could not do '{command}': {answer["reason"]}");
    }

    /// <summary>Gives a command and does not wait for anything.</summary>
    /// <returns>The number by which the answer is recognised.</returns>
    public async Task<int> SendAsync(string command, CancellationToken cancel)
    {
        int sequence = Interlocked.Increment(ref _sequence);
        await port.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"sw {sequence} {command}\n")), cancel);
        return sequence;
    }

    /// <summary>A wait for something that this agent says by itself.</summary>
    /// <param name="from">The place from which on it counts.</param>
    /// <param name="name">The event.</param>
    public Task<Timed<AgentLine>> NextAsync(EventLog<AgentLine>.Cursor from, string name, CancellationToken cancel) =>
        from.NextAsync($"{guest} to say '{name}'", line => line.Guest == guest && line.Event == name, cancel);
}

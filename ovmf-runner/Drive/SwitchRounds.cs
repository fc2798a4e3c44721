using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Guests;
using Switcher.Runner.Report;

namespace Switcher.Runner.Drive;

/// <summary>
/// The conversation of a run: fill the active guest's memory and write its files, suspend it, see the switch, check the guest that wakes,
/// and again. A guest without an agent is waited for: it suspends when it likes.
/// </summary>
/// <param name="machine">The machine, just switched on.</param>
/// <param name="guests">Its guests, in the order of their numbers.</param>
/// <param name="cpus">CPUs that every guest must have.</param>
/// <param name="timeline">Where to tell what happens.</param>
public sealed class SwitchRounds(Machine machine, IReadOnlyList<Guest> guests, int cpus, ITimeline timeline)
{
    /// <summary>A guest without an agent may do nothing for as long as it likes; the run's own limit ends it.</summary>
    private static readonly TimeSpan Unlimited = TimeSpan.FromDays(1);

    private readonly List<SwitchRecord> _switches = [];
    private int _probes;

    /// <summary>The switches so far.</summary>
    public IReadOnlyList<SwitchRecord> Switches => _switches;

    /// <summary>The guests as last seen.</summary>
    public IReadOnlyList<GuestState> States { get; } = [.. guests.Select(guest => new GuestState(guest))];

    /// <summary>Boots and goes around: in each round every guest suspends once.</summary>
    /// <exception cref="MachineFailure">Something did not happen, or was not intact.</exception>
    public async Task RunAsync(int rounds, CancellationToken cancel)
    {
        timeline.Doing("the firmware starts Switcher");
        LogLine boot = await machine.Hypervisor.StepAsync("boot", cancel);
        GuestState active = Find(boot["name"]);
        await StartAsync(active, cancel);
        for (int i = 0; i < rounds * States.Count; i++)
            active = await SwitchAsync(active, cancel);
    }

    private async Task<GuestState> SwitchAsync(GuestState active, CancellationToken cancel)
    {
        EventLog<LogLine>.Cursor hypervisor = machine.Hypervisor.Events.FromNow();
        EventLog<AgentLine>.Cursor agents = machine.Agent(active.Name).Events.FromNow();
        TimeSpan? suspending = active.Guest.HasAgent ? await SuspendAsync(active, agents, cancel) : null;
        TimeSpan? patience = active.Guest.HasAgent ? null : Unlimited;
        Timed<LogLine> asked = await AskedAsync(active, hypervisor, agents.Copy(), patience, cancel);
        Timed<LogLine> switched = await hypervisor.NextAsync($"{active.Name} to be switched away", line => line.IsStep("switch"), cancel);
        LogLine line = switched.Value;
        GuestState target = Find(machine.Hypervisor.NameOf(line.Number("to") ?? -1));
        bool first = line.Number("first") == 1;
        TimeSpan? awake = target.Guest.HasAgent ? await AwakeAsync(target, first, agents, cancel) : null;
        long ticks = line.Number("ticks") ?? 0;
        long frequency = machine.Hypervisor.TscHz;
        var record = new SwitchRecord(
            active.Name, target.Name, first, Milliseconds(asked.Time - suspending), ticks,
            frequency > 0 ? Math.Round(ticks * 1e6 / frequency, 1) : 0, Milliseconds(awake - switched.Time), null, null);
        if (target.Guest.HasAgent && !first)
            record = await CheckAsync(target, record, cancel);
        Note(record);
        if (first)
            await StartAsync(target, cancel);
        return target;
    }

    /// <summary>Gets a guest to the point where only the request for S3 is missing.</summary>
    private async Task<TimeSpan> SuspendAsync(GuestState guest, EventLog<AgentLine>.Cursor agents, CancellationToken cancel)
    {
        AgentSession agent = machine.Agent(guest.Name);
        guest.Round = _switches.Count + 1;
        timeline.Doing($"{guest.Name} writes its files and suspends");
        await agent.AskAsync($"stamp {guest.Round}", cancel);
        await agent.AskAsync($"write-files {guest.Round}", cancel);
        await agent.SendAsync("suspend", cancel);
        Timed<AgentLine> said = await agents.NextAsync(
            $"{guest.Name} to suspend", line => line.Guest == guest.Name && line.Event is "suspending" or "error", cancel);
        return said.Value.Event == "suspending"
            ? said.Time
            : throw new MachineFailure($"{guest.Name} cannot suspend: {said.Value["reason"]}");
    }

    /// <summary>Waits for the guest's request, but not when its agent says that nothing came of it.</summary>
    private static async Task<Timed<LogLine>> AskedAsync(
        GuestState guest, EventLog<LogLine>.Cursor hypervisor, EventLog<AgentLine>.Cursor agents, TimeSpan? patience,
        CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task<Timed<LogLine>> asked = hypervisor.NextAsync($"{guest.Name} to ask for S3", line => line.IsStep("s3"), over.Token, patience);
        Task<Timed<AgentLine>> stayed = agents.NextAsync(
            $"{guest.Name} to fall asleep", line => line.Guest == guest.Name && line.Event is "error" or "awake", over.Token, Unlimited);
        Task winner = await Task.WhenAny(asked, stayed);
        await over.CancelAsync();
        if (winner == asked)
            return await asked;
        AgentLine reason = (await stayed).Value;
        throw new MachineFailure(
            reason.Event == "awake" ? $"{guest.Name} woke without a switch" : $"{guest.Name} cannot suspend: {reason["reason"]}");
    }

    private async Task<TimeSpan> AwakeAsync(GuestState guest, bool first, EventLog<AgentLine>.Cursor agents, CancellationToken cancel)
    {
        timeline.Doing(first ? $"{guest.Name} boots" : $"{guest.Name} wakes");
        return first
            ? (await machine.Agent(guest.Name).ReadyAsync(cancel)).Time
            : (await machine.Agent(guest.Name).NextAsync(agents, "awake", cancel)).Time;
    }

    /// <summary>A guest that has just booted: what it has, and its memory filled.</summary>
    private async Task StartAsync(GuestState guest, CancellationToken cancel)
    {
        if (!guest.Guest.HasAgent)
            return;
        AgentSession agent = machine.Agent(guest.Name);
        timeline.Doing($"{guest.Name} boots");
        await agent.ReadyAsync(cancel);
        await LookAsync(guest, cancel);
        timeline.Doing($"{guest.Name} fills its memory");
        guest.FilledBytes = (await agent.AskAsync("fill", cancel)).Number("bytes") ?? 0;
        timeline.Tell(
            machine.Clock.Now, guest.Name,
            $"ready: {guest.CpusOnline} CPUs, {guest.MemoryBytes >> 20} MiB, {guest.FilledBytes >> 20} MiB of it filled");
        if (guest.FilledBytes == 0)
            throw new MachineFailure($"{guest.Name} has too little free memory to fill any");
    }

    private async Task<SwitchRecord> CheckAsync(GuestState guest, SwitchRecord record, CancellationToken cancel)
    {
        AgentSession agent = machine.Agent(guest.Name);
        timeline.Doing($"{guest.Name} checks its memory and files");
        AgentLine memory = await agent.AskAsync("check", cancel);
        AgentLine files = await agent.AskAsync(string.Create(CultureInfo.InvariantCulture, $"check-files {guest.Round}"), cancel);
        record = record with { MemoryIntact = memory.Number("wrong") == 0, FilesIntact = files.Number("wrong") == 0 };
        if (record.MemoryIntact == false)
        {
            Note(record);
            throw new MachineFailure(
                $"{guest.Name} lost memory: {memory["wrong"]} words differ, the first at physical address {memory["physical"]} " +
                $"({memory["found"]} in place of {memory["expected"]})");
        }

        if (record.FilesIntact == false)
        {
            Note(record);
            throw new MachineFailure($"{guest.Name} lost file content: {files["wrong"]} words of 8 bytes differ");
        }

        guest.IntactChecks++;
        await LookAsync(guest, cancel);
        return record;
    }

    /// <summary>Sees that the guest has all CPUs, and that every one of them runs under the hypervisor.</summary>
    private async Task LookAsync(GuestState guest, CancellationToken cancel)
    {
        AgentSession agent = machine.Agent(guest.Name);
        AgentLine info = await agent.AskAsync("info", cancel);
        guest.CpusOnline = (int)(info.Number("cpus") ?? 0);
        guest.MemoryBytes = info.Number("total") ?? 0;
        if (guest.CpusOnline != cpus)
            throw new MachineFailure($"{guest.Name} has {guest.CpusOnline} of {cpus} CPUs");
        int value = ++_probes;
        EventLog<LogLine>.Cursor seen = machine.Hypervisor.Events.FromNow();
        await agent.AskAsync(string.Create(CultureInfo.InvariantCulture, $"probe {value}"), cancel);
        var seenCpus = new HashSet<long>();
        while (seenCpus.Count < cpus)
        {
            await seen.NextAsync(
                $"the hypervisor to see {cpus - seenCpus.Count} more of the {cpus} CPUs of {guest.Name}",
                line => line.Is("INFO", "probe") && line.Number("value") == value && seenCpus.Add(line.Number("cpu") ?? -1), cancel);
        }
    }

    private void Note(SwitchRecord record)
    {
        _switches.Add(record);
        string suspend = record.SuspendMs is { } before ? $"suspend {before:F0} ms, " : "";
        string resume = record.ResumeMs is { } after ? $", {(record.First ? "boot" : "resume")} {after:F0} ms" : "";
        string intact = record.MemoryIntact is null ? "" : record is { MemoryIntact: true, FilesIntact: true }
            ? ", intact" : ", NOT intact";
        timeline.Tell(
            machine.Clock.Now, $"switch {_switches.Count}",
            $"{record.From} → {record.To}: {suspend}hypervisor {record.HypervisorUs:F0} µs{resume}{intact}");
    }

    private GuestState Find(string name) =>
        States.FirstOrDefault(state => state.Name == name) ?? throw new MachineFailure($"the hypervisor runs an unknown guest '{name}'");

    private static double? Milliseconds(TimeSpan? time) => time is { } known ? Math.Round(known.TotalMilliseconds, 2) : null;
}

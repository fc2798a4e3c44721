using System;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>How long a guest took to begin anew.</summary>
/// <param name="UntilBoot">From its end until its loader was done.</param>
/// <param name="UntilReady">From its end until its agent was there again.</param>
internal readonly record struct RestartTime(TimeSpan UntilBoot, TimeSpan UntilReady);

/// <summary>What scenarios do with Linux guests again and again.</summary>
internal static class MachineSteps
{
    /// <summary>Suspends one guest and waits until the agent in the other is there.</summary>
    public static async Task SwitchAsync(this Machine machine, string from, string to, CancellationToken cancel)
    {
        EventLog<LogLine>.Cursor hypervisor = machine.Hypervisor.Events.FromNow();
        EventLog<AgentLine>.Cursor agents = machine.Agent(to).Events.FromNow();
        await machine.Agent(from).SendAsync("suspend", cancel);
        LogLine line = (await hypervisor.NextAsync($"{from} to be switched away", line => line.IsStep("switch"), cancel)).Value;
        if (line.Number("first") == 1)
            await machine.Agent(to).ReadyAsync(cancel);
        else
            await machine.Agent(to).NextAsync(agents, "awake", cancel);
    }

    /// <summary>The active guest finds its memory as it filled it, and its files as it wrote them.</summary>
    /// <param name="round">With which number it did.</param>
    public static async Task AssertIntactAsync(this Machine machine, string guest, int round, CancellationToken cancel)
    {
        Assert.Equal(0, (await machine.Agent(guest).AskAsync("check", cancel)).Number("wrong"));
        Assert.Equal(0, (await machine.Agent(guest).AskAsync($"check-files {round}", cancel)).Number("wrong"));
    }

    /// <summary>Ends the active guest so that it starts again, and waits until it has.</summary>
    /// <param name="command">The agent's, which ends it.</param>
    /// <param name="reason">What that must count as.</param>
    public static async Task<RestartTime> RestartAsync(
        this Machine machine, string guest, string command, string reason, CancellationToken cancel)
    {
        EventLog<LogLine>.Cursor hypervisor = machine.Hypervisor.Events.FromNow();
        EventLog<AgentLine>.Cursor agents = machine.Agent(guest).Events.FromNow();
        await machine.Agent(guest).SendAsync(command, cancel);
        Timed<LogLine> end = await hypervisor.NextAsync($"{guest} to end", line => line.Is("INFO", "ended"), cancel);
        Assert.Equal((guest, reason), (end.Value["name"], end.Value["reason"]));
        Timed<LogLine> boot = await hypervisor.NextAsync($"{guest} to start again", line => line.IsStep("boot"), cancel);
        Assert.Equal(guest, boot.Value["name"]);
        TimeSpan ready = (await machine.Agent(guest).NextAsync(agents, "ready", cancel)).Time;
        return new RestartTime(boot.Time - end.Time, ready - end.Time);
    }

    /// <summary>
    /// Switcher stays away and says why, and the first of the two Debian guests boots natively and ends: no hypervisor answers any of its
    /// CPUs, whether there never was one or it has left.
    /// </summary>
    /// <param name="reason">Matches the whole sentence.</param>
    /// <param name="steps">What Switcher did before.</param>
    /// <param name="cpus">All of the machine's.</param>
    /// <param name="end">The agent's command that ends the guest: it powers the machine off, or resets it.</param>
    public static async Task AssertRefusedAsync(
        this Machine machine, Regex reason, string steps, int cpus, CancellationToken cancel, string end = "poweroff")
    {
        Assert.Matches(reason, (await machine.Hypervisor.StepAsync("refused", cancel))["reason"]);
        Assert.Equal("debian-cloud", (await machine.Hypervisor.StepAsync("native", cancel))["name"]);
        AgentSession agent = machine.Agent("debian-cloud");
        await agent.ReadyAsync(cancel);
        Assert.Equal(cpus, (await agent.AskAsync("probe 1", cancel)).Number("cpus"));
        await agent.SendAsync(end, cancel);
        Assert.Equal(end == "poweroff" ? EmulatorEnd.PowerOff : EmulatorEnd.Reset, await machine.EndAsync(cancel));
        Assert.Equal($"{steps} refused native", machine.Steps());
        Assert.DoesNotContain(machine.Hypervisor.Events.Snapshot(), entry => entry.Value.Is("INFO", "probe"));
    }

    /// <summary>Matches a sentence that does not change.</summary>
    public static Regex Exactly(string sentence) => new($"^{Regex.Escape(sentence)}$");

    /// <summary>The steps in the hypervisor's log by now, in their order.</summary>
    public static string Steps(this Machine machine) => string.Join(
        ' ', machine.Hypervisor.Events.Snapshot().Where(entry => entry.Value.Kind == "STEP").Select(entry => entry.Value.Name));
}

using System;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Xunit;

namespace Switcher.Tests.Scenarios;

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

    /// <summary>Switcher stays away and says why, and the first of the two Debian guests boots natively.</summary>
    /// <returns>What its agent says of itself.</returns>
    public static async Task<AgentLine> RefusedAsync(this Machine machine, string reason, CancellationToken cancel)
    {
        LogLine refused = await machine.Hypervisor.StepAsync("refused", cancel);
        Assert.Contains(reason, refused["reason"], StringComparison.Ordinal);
        Assert.Equal("debian-cloud", (await machine.Hypervisor.StepAsync("native", cancel))["name"]);
        return (await machine.Agent("debian-cloud").ReadyAsync(cancel)).Value;
    }
}

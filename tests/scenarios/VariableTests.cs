using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>Promise 6: all systems see one and the same set of the firmware's variables, and change it one at a time.</summary>
public sealed class VariableTests
{
    private const int Rounds = 6;

    /// <param name="hasSmm">Whether the firmware writes them in System Management Mode.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Promise6_TwoKernelsWriteInTurn_EachFindsWhatTheOtherWrote(bool hasSmm) => Scenario.RunAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull]) { HasSmm = hasSmm },
        async (machine, cancel) =>
        {
            await machine.Agent("debian-cloud").ReadyAsync(cancel);
            AgentLine before = await machine.Agent("debian-cloud").AskAsync("variables", cancel);
            Assert.InRange(before.Number("count") ?? 0, 10, 1000);
            string active = "debian-cloud";
            for (int i = 1; i <= Rounds; i++)
            {
                // Written, overwritten and removed, by one system and by the other.
                await machine.Agent(active).AskAsync($"set-variable Round{i % 3} {i % 4}", cancel);
                string here = await SumAsync(machine, active, cancel);
                string other = active == "debian" ? "debian-cloud" : "debian";
                await machine.SwitchAsync(active, other, cancel);
                Assert.Equal(here, await SumAsync(machine, other, cancel));
                active = other;
            }

            for (int i = 0; i < 3; i++)
                await machine.Agent(active).SendAsync($"set-variable Round{i} 0", cancel);
            Assert.Equal(before["sum"], (await machine.Agent(active).AskAsync("variables", cancel))["sum"]);
            Assert.Equal(hasSmm, machine.Hypervisor.Exits().GetValueOrDefault("SMI") > 0);
            Assert.DoesNotContain(
                machine.Console.Snapshot(), line => line.Value.Contains("Unable to switch EFI", System.StringComparison.Ordinal));
        });

    private static async Task<string> SumAsync(Machine machine, string guest, CancellationToken cancel) =>
        (await machine.Agent(guest).AskAsync("variables", cancel))["sum"];
}

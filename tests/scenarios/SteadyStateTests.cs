using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;
using Xunit.Abstractions;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 5: a guest under load exits for nothing but what must exit. On this back end writes to the trapped APIC page are the known exception. The test's
/// output has the exits by reason and second.
/// </summary>
public sealed class SteadyStateTests(ITestOutputHelper output)
{
    private const int Seconds = 10;

    /// <summary>What a suspend, a wake and the conversation with the agent cost by themselves, with a wide margin.</summary>
    private const long OfTheSwitch = 2000;

    [Fact]
    public Task Promise5_GuestUnderLoad_ExitsForTheTrappedApicPageAndLittleElse() => Scenario.RunAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull]),
        async (machine, cancel) =>
        {
            await machine.Agent("debian-cloud").ReadyAsync(cancel);
            IReadOnlyDictionary<string, long> before = await LeaveAndReturnAsync(machine, cancel);
            foreach (string load in new[] { "cpu", "memory", "disk" })
            {
                await machine.Agent("debian-cloud").AskAsync($"load {load} {Seconds}", cancel);
                IReadOnlyDictionary<string, long> after = await LeaveAndReturnAsync(machine, cancel);
                var spent = after.ToDictionary(pair => pair.Key, pair => pair.Value - before.GetValueOrDefault(pair.Key));
                output.WriteLine($"{load}: " + string.Join(", ", spent.Select(
                    pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {(double)pair.Value / Seconds:F1}/s"))));
                Assert.All(spent, pair => Assert.True(
                    pair.Key == "APIC" || pair.Value < OfTheSwitch, $"{pair.Value} exits for {pair.Key} under {load} load"));
                before = after;
            }
        });

    /// <summary>Switches away and back; the counts are those when it left.</summary>
    private static async Task<IReadOnlyDictionary<string, long>> LeaveAndReturnAsync(Machine machine, CancellationToken cancel)
    {
        EventLog<LogLine>.Cursor hypervisor = machine.Hypervisor.Events.FromNow();
        await machine.SwitchAsync("debian-cloud", "debian", cancel);
        LogLine exits = (await hypervisor.NextAsync(
            "the exits of debian-cloud", line => line.Is("INFO", "exits") && line.Number("guest") == 0, cancel)).Value;
        await machine.SwitchAsync("debian", "debian-cloud", cancel);
        return exits.Values.Where(pair => pair.Key is not ("guest" or "tsc")).ToDictionary(pair => pair.Key, pair => exits.Number(pair.Key) ?? 0);
    }
}

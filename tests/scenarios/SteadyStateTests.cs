using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;
using Xunit;
using Xunit.Abstractions;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 5: a guest under load exits for nothing but what must exit, which on AMD includes writes to the trapped APIC page. The exits of a suspend and a wake
/// without load between them are taken off. The test's output has the exits of the boot, and those by reason and second under each load.
/// </summary>
public sealed class SteadyStateTests(ITestOutputHelper output)
{
    /// <summary>No two suspends are quite alike; beyond this, an exit of this kind belongs to the load.</summary>
    private const long OfTheSwitch = 500;

    private static readonly string[] s_loads = ["cpu", "memory", "timer", "disk"];

    [Fact]
    public Task Promise5_GuestUnderLoadOnSvm_ExitsForTheTrappedApicPageAndNothingElse() => AssertNativeAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull]), 10, ["APIC"]);

    [Fact]
    public Task Promise5_GuestUnderLoadOnVmx_DoesNotExit() => AssertNativeAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull], 2, 1024) { Emulator = EmulatorKind.Bochs }, 5, []);

    private Task AssertNativeAsync(MachinePlan plan, int seconds, string[] expected) => Scenario.RunAsync(plan, async (machine, cancel) =>
    {
        await machine.Agent("debian-cloud").ReadyAsync(cancel);
        IReadOnlyDictionary<string, long> boot = await LeaveAndReturnAsync(machine, cancel);
        output.WriteLine("boot and first suspend: " + string.Join(", ", boot.Select(pair => $"{pair.Key} {pair.Value}")));
        IReadOnlyDictionary<string, long> before = await LeaveAndReturnAsync(machine, cancel);
        IReadOnlyDictionary<string, long> idle = Difference(before, boot);
        foreach (string load in s_loads)
        {
            await machine.Agent("debian-cloud").AskAsync($"load {load} {seconds}", cancel);
            IReadOnlyDictionary<string, long> after = await LeaveAndReturnAsync(machine, cancel);
            IReadOnlyDictionary<string, long> spent = Difference(Difference(after, before), idle);
            output.WriteLine($"{load}: " + string.Join(", ", spent.Select(
                pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {(double)pair.Value / seconds:F1}/s"))));
            Assert.All(spent, pair => Assert.True(
                expected.Contains(pair.Key) || pair.Value < OfTheSwitch, $"{pair.Value} exits for {pair.Key} under {load} load"));
            before = after;
        }
    });

    private static Dictionary<string, long> Difference(IReadOnlyDictionary<string, long> later, IReadOnlyDictionary<string, long> earlier) =>
        later.ToDictionary(pair => pair.Key, pair => pair.Value - earlier.GetValueOrDefault(pair.Key));

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

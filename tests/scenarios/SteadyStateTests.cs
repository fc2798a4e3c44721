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
/// Promise 5: a guest under load exits for nothing but what must exit, which on AMD includes writes to the trapped APIC page. The exits of
/// a suspend and a wake without load between them are taken off. The test's output has the exits of the boot, and those by reason and
/// second under each load.
/// </summary>
public sealed class SteadyStateTests(ITestOutputHelper output)
{
    /// <summary>No two suspends are quite alike. Beyond this for each second of load, an exit of a kind belongs to the load.</summary>
    private const double Most = 1;

    /// <summary>
    /// Writes to the trapped APIC page in a second that each load may take with 2 CPUs: about two for each interrupt. The clock interrupts
    /// each CPU 250 times a second; the timer's load sleeps 150 microseconds at least each time; how often the disk interrupts is a matter
    /// of the host.
    /// </summary>
    private static readonly Dictionary<string, double> s_mostWrites =
        new() { ["cpu"] = 1_200, ["memory"] = 1_200, ["timer"] = 30_000, ["disk"] = 10_000 };

    [Fact]
    public Task Promise5_GuestUnderLoadOnSvm_ExitsForTheTrappedApicPageAndNothingElse() => AssertNativeAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull]), 10, s_mostWrites);

    [Fact]
    public Task Promise5_GuestUnderLoadOnVmx_DoesNotExit() => AssertNativeAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull], 2, 1024) { Emulator = EmulatorKind.Bochs }, 5, []);

    private Task AssertNativeAsync(MachinePlan plan, int seconds, Dictionary<string, double> mostWrites)
        => Scenario.RunAsync(plan, async (machine, cancel) =>
    {
        await machine.Agent("debian-cloud").ReadyAsync(cancel);
        IReadOnlyDictionary<string, long> boot = await LeaveAndReturnAsync(machine, cancel);
        output.WriteLine("boot and first suspend: " + string.Join(", ", boot.Select(pair => $"{pair.Key} {pair.Value}")));
        Assert.InRange(boot.GetValueOrDefault("CPUID"), 100, 100_000);
        IReadOnlyDictionary<string, long> before = await LeaveAndReturnAsync(machine, cancel);
        IReadOnlyDictionary<string, long> idle = Difference(before, boot);
        foreach (string load in s_mostWrites.Keys)
        {
            await machine.Agent("debian-cloud").AskAsync($"load {load} {seconds}", cancel);
            IReadOnlyDictionary<string, long> after = await LeaveAndReturnAsync(machine, cancel);
            Dictionary<string, double> rates =
                Difference(Difference(after, before), idle).ToDictionary(pair => pair.Key, pair => (double)pair.Value / seconds);
            string text = string.Join(", ",
                rates.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:F1}/s")));
            output.WriteLine($"{load}: {text}");
            Assert.All(rates, pair => Assert.True(
                pair.Value < (pair.Key == "APIC" ? mostWrites.GetValueOrDefault(load, Most) : Most),
                $"too many exits for {pair.Key} under {load} load: {text}"));
            before = after;
        }
    });

    private static Dictionary<string, long> Difference(
        IReadOnlyDictionary<string, long> later, IReadOnlyDictionary<string, long> earlier) =>
        later.ToDictionary(pair => pair.Key, pair => pair.Value - earlier.GetValueOrDefault(pair.Key));

    /// <summary>Switches away and back; the counts are those when it left.</summary>
    private static async Task<IReadOnlyDictionary<string, long>> LeaveAndReturnAsync(Machine machine, CancellationToken cancel)
    {
        EventLog<LogLine>.Cursor hypervisor = machine.Hypervisor.Events.FromNow();
        await machine.SwitchAsync("debian-cloud", "debian", cancel);
        LogLine exits = (await hypervisor.NextAsync(
            "the exits of debian-cloud", line => line.Is("INFO", "exits") && line.Number("guest") == 0, cancel)).Value;
        await machine.SwitchAsync("debian", "debian-cloud", cancel);
        return exits.Values.Where(pair => pair.Key is not ("guest" or "tsc"))
            .ToDictionary(pair => pair.Key, pair => exits.Number(pair.Key) ?? 0);
    }
}

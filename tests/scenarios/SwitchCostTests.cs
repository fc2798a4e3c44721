using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;
using Xunit.Abstractions;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 4: the hypervisor's share of a switch does not depend on the size of RAM. QEMU counts instructions here instead of time
/// (-icount: a tick of the time-stamp counter is an instruction), so the figures do not depend on the host either.
/// </summary>
public sealed class SwitchCostTests(ITestOutputHelper output)
{
    /// <summary>
    /// Instructions of one switch with one CPU, from the intercepted write to the next guest's first instruction, apart from the exchange
    /// of the ACPI NVS memory's contents: two copies, which are counted by words. It takes about 9,500.
    /// </summary>
    private const long Most = 12_000;

    [Fact]
    public async Task Promise4_EightTimesTheMemory_TakesNoMoreInstructions()
    {
        long small = await MedianTicksAsync(1024);
        long large = await MedianTicksAsync(8192);
        Assert.InRange((double)large / small, 0.99, 1.01);
    }

    private async Task<long> MedianTicksAsync(int memoryMiB)
    {
        var ticks = new List<long>();
        var plan = new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull], 1, memoryMiB)
        {
            EmulatorArguments = ["-icount", "shift=0,sleep=off"],
        };
        await Scenario.RunAsync(plan, async (machine, cancel) =>
        {
            await machine.Agent("debian-cloud").ReadyAsync(cancel);
            for (int i = 0; i < 3; i++)
            {
                await machine.SwitchAsync("debian-cloud", "debian", cancel);
                await machine.SwitchAsync("debian", "debian-cloud", cancel);
            }

            LogLine memory = machine.Hypervisor.Events.Snapshot().Select(entry => entry.Value).First(line => line.IsStep("memory"));
            long copied = 2 * (memory.Number("nvs") ?? 0) / sizeof(ulong);

            // A first activation brings devices back to full power, which takes the time that PCI wants for it.
            ticks.AddRange(machine.Hypervisor.Events.Snapshot().Select(entry => entry.Value)
                .Where(line => line.IsStep("switch") && line.Number("first") == 0)
                .Select(line => (line.Number("ticks") ?? throw new InvalidOperationException("a switch without ticks")) - copied));
        });
        output.WriteLine($"{memoryMiB} MiB: {string.Join(", ", ticks)} instructions");
        Assert.Equal(5, ticks.Count);
        Assert.All(ticks, count => Assert.InRange(count, 1, Most));
        return ticks.Order().ElementAt(ticks.Count / 2);
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;
using Xunit;
using Xunit.Abstractions;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 5, for a whole boot: the same kernel with and without Switcher. In Bochs a tick of the time-stamp counter is an instruction, so
/// the figures do not depend on the host; a CPU that waits counts on, and so what the kernel calls idle is taken off. They are in the
/// test's output.
/// </summary>
public sealed class BootCostTests(ITestOutputHelper output)
{
    /// <summary>
    /// One per cent more or less. Less, because the firmware's own end is part of the other boot, and its map has more pieces than the one
    /// that a guest gets: -0.3 % are measured.
    /// </summary>
    private const double LeastWith = 0.99;
    private const double MostWith = 1.01;

    [Fact]
    public async Task Promise5_BootOfAKernelOnVmx_TakesHardlyMoreInstructionsThanWithoutSwitcher()
    {
        // Without Switcher it has all memory, which costs a boot instructions too: so there is as much as its partition otherwise has.
        GuestSpec[] guests = [GuestSpec.DebianCloud, GuestSpec.DebianFull];
        long with = await TicksAsync(
            new MachinePlan(guests, 1, 1024), line => line.Is("INFO", "exits") && line["guest"] == "firmware", "boot");
        long without = await TicksAsync(new MachinePlan(guests, 1, 467)
        {
            // The firmware has switched VMX off, and so Switcher gives up before it has changed anything.
            SetupLines = ["msr all 3A 1"],
            Expected = MachineExpectations.Refusal,
        }, line => line.Is("SETUP", "exit-boot-services"), "refused native");
        double ratio = (double)with / without;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{with} instructions with Switcher, {without} without: {(ratio - 1) * 100:F2} % more"));
        Assert.InRange(ratio, LeastWith, MostWith);
    }

    /// <summary>Where a kernel lies by chance (KASLR) costs it different numbers of instructions each time.</summary>
    private static IReadOnlyList<Guest> AtOnePlace(IReadOnlyList<Guest> guests) =>
        [guests[0] with { Options = DebianGuest.DefaultOptions + BochsConfiguration.LinuxOptions + " nokaslr" }, guests[1]];

    /// <summary>From where the kernel has the machine to its first program.</summary>
    /// <param name="isBegin">The line that says when that was: the firmware's own end, or Switcher's first entry.</param>
    /// <param name="lastSteps">How Switcher's log must end, so that it is known what was measured.</param>
    private async Task<long> TicksAsync(MachinePlan plan, Func<LogLine, bool> isBegin, string lastSteps)
    {
        long ticks = 0;
        plan = plan with { Emulator = EmulatorKind.Bochs, SetupLines = [.. plan.SetupLines, "exit-log"], Adjust = AtOnePlace };
        await Scenario.RunAsync(plan, async (machine, cancel) =>
        {
            LogLine exit = (await machine.Hypervisor.Events.FromStart().NextAsync("the kernel to begin", isBegin, cancel)).Value;
            AgentLine ready = (await machine.Agent("debian-cloud").ReadyAsync(cancel)).Value;
            Assert.EndsWith(" " + lastSteps, machine.Steps(), StringComparison.Ordinal);
            long memory = (await machine.Agent("debian-cloud").AskAsync("info", cancel)).Number("total") ?? 0;
            long all = (ready.Number("tsc") - exit.Number("tsc")) ?? throw new InvalidOperationException("no time-stamp");
            long idle = (ready.Number("idle") * BochsConfiguration.InstructionsPerSecond / 100)
                ?? throw new InvalidOperationException("no idle time");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{all} instructions, of which {idle} idle, with {memory} bytes of memory"));
            ticks = all - idle;
        });
        return ticks;
    }
}

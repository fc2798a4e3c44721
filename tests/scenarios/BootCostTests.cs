using System;
using System.Globalization;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;
using Xunit;
using Xunit.Abstractions;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 5, for a whole boot: the same kernel with and without Switcher. In Bochs a tick of the time-stamp counter is an instruction of one CPU, so the
/// figures do not depend on the host. They are in the test's output.
/// </summary>
public sealed class BootCostTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Promise5_BootOfAKernelOnVmx_TakesHardlyMoreInstructionsThanWithoutSwitcher()
    {
        // Without Switcher it has all memory, which costs a boot instructions too: so there is half as much of it.
        GuestSpec[] guests = [GuestSpec.DebianCloud, GuestSpec.DebianFull];
        long with = await TicksAsync(new MachinePlan(guests, 2, 1024));
        long without = await TicksAsync(new MachinePlan(guests, 2, 512)
        {
            // The firmware has switched VMX off, and so Switcher gives up before it has changed anything.
            SetupLines = ["msr all 3A 1"],
            Expected = MachineExpectations.Refusal,
        });
        double ratio = (double)with / without;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{with} instructions with Switcher, {without} without: {(ratio - 1) * 100:F2} % more"));
        Assert.InRange(ratio, 0.9, 1.1);
    }

    /// <summary>From the firmware's end to the kernel's first program.</summary>
    private static async Task<long> TicksAsync(MachinePlan plan)
    {
        long ticks = 0;
        await Scenario.RunAsync(plan with { Emulator = EmulatorKind.Bochs, SetupLines = [.. plan.SetupLines, "exit-log"] }, async (machine, cancel) =>
        {
            LogLine exit = (await machine.Hypervisor.Events.FromStart().NextAsync(
                "the end of the firmware", line => line.Is("SETUP", "exit-boot-services"), cancel)).Value;
            AgentLine ready = (await machine.Agent("debian-cloud").ReadyAsync(cancel)).Value;
            ticks = (ready.Number("tsc") - exit.Number("tsc")) ?? throw new InvalidOperationException("no time-stamp");
        });
        return ticks;
    }
}

using System;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 7: a guest that shuts down, resets or crashes never costs another its session. Promise 8: a sleeping machine comes back.
/// </summary>
public sealed class GuestEndTests
{
    private static readonly GuestSpec[] s_two = [GuestSpec.DebianCloud, GuestSpec.DebianFull];

    [Theory]
    [InlineData("reboot acpi", "reset")]
    [InlineData("reboot kbd", "reset")]
    [InlineData("reboot pci", "reset")]
    [InlineData("reboot efi", "reset")]
    [InlineData("reboot triple", "triple-fault")]
    [InlineData("reboot efi", "reset", true)]
    public Task Promise7_OneGuestRestarts_TheOtherSleepsThroughIt(string command, string reason, bool hasSmm = false) => Scenario.RunAsync(
        new MachinePlan(s_two) { HasSmm = hasSmm },
        async (machine, cancel) =>
        {
            await new SwitchRounds(machine, machine.Guests, 2, new Quiet()).RunAsync(1, cancel);
            await machine.SwitchAsync("debian-cloud", "debian", cancel);
            await machine.RestartAsync("debian", command, reason, cancel);
            await machine.SwitchAsync("debian", "debian-cloud", cancel);
            await machine.AssertIntactAsync("debian-cloud", 1, cancel);
        });

    [Fact]
    public Task Promise7_OneGuestShutsDown_TheOtherGoesOnIntactAndTheLastOnePowersOff() => Scenario.RunAsync(
        new MachinePlan(s_two),
        async (machine, cancel) =>
        {
            await new SwitchRounds(machine, machine.Guests, 2, new Quiet()).RunAsync(1, cancel);
            await machine.SwitchAsync("debian-cloud", "debian", cancel);

            EventLog<LogLine>.Cursor hypervisor = machine.Hypervisor.Events.FromNow();
            EventLog<AgentLine>.Cursor agents = machine.Agent("debian-cloud").Events.FromNow();
            await machine.Agent("debian").SendAsync("poweroff", cancel);
            LogLine line = (await hypervisor.NextAsync("debian to end", line => line.IsStep("switch"), cancel)).Value;
            Assert.Equal("shutdown", line["reason"]);
            await machine.Agent("debian-cloud").NextAsync(agents, "awake", cancel);
            await machine.AssertIntactAsync("debian-cloud", 1, cancel);

            await machine.Agent("debian-cloud").SendAsync("poweroff", cancel);
            await hypervisor.NextAsync("the machine to be switched off", line => line.IsStep("off"), cancel);
            Assert.Equal(EmulatorEnd.PowerOff, await machine.EndAsync(cancel));
        });

    /// <summary>Alone on the machine, a system that asks the firmware for a cold reset means the machine.</summary>
    [Fact]
    public Task ColdReset_ByTheOnlyGuestLeft_ResetsTheMachine() => Scenario.RunAsync(
        new MachinePlan(s_two) { Expected = MachineExpectations.Reset },
        async (machine, cancel) =>
        {
            await machine.Agent("debian-cloud").ReadyAsync(cancel);
            await machine.SwitchAsync("debian-cloud", "debian", cancel);
            EventLog<AgentLine>.Cursor agents = machine.Agent("debian-cloud").Events.FromNow();
            await machine.Agent("debian").SendAsync("poweroff", cancel);
            await machine.Agent("debian-cloud").NextAsync(agents, "awake", cancel);
            await machine.RestartAsync("debian-cloud", "reboot acpi", "reset", cancel);
            await machine.Agent("debian-cloud").SendAsync("reboot efi", cancel);
            Assert.Equal(EmulatorEnd.Reset, await machine.EndAsync(cancel));
            Assert.EndsWith(" reset", machine.Steps(), StringComparison.Ordinal);
        });

    [Fact]
    public Task Promise8_NobodyToSwitchTo_SleepsUntilThePowerButton() => Scenario.RunAsync(
        new MachinePlan(s_two),
        async (machine, cancel) =>
        {
            await new SwitchRounds(machine, machine.Guests, 2, new Quiet()).RunAsync(1, cancel);
            await machine.SwitchAsync("debian-cloud", "debian", cancel);
            EventLog<AgentLine>.Cursor agents = machine.Agent("debian-cloud").Events.FromNow();
            await machine.Agent("debian").SendAsync("poweroff", cancel);
            await machine.Agent("debian-cloud").NextAsync(agents, "awake", cancel);

            for (int i = 0; i < 2; i++)
            {
                EventLog<LogLine>.Cursor hypervisor = machine.Hypervisor.Events.FromNow();
                agents = machine.Agent("debian-cloud").Events.FromNow();
                await machine.Agent("debian-cloud").SendAsync("suspend", cancel);
                await hypervisor.NextAsync("the machine to sleep", line => line.Is("INFO", "sleep"), cancel);
                await machine.Emulator.PressPowerButtonAsync(cancel);
                LogLine wake = (await hypervisor.NextAsync("the machine to wake", line => line.Is("INFO", "wake"), cancel)).Value;
                Assert.Equal("power-button", wake["reason"]);
                await machine.Agent("debian-cloud").NextAsync(agents, "awake", cancel);
                await machine.AssertIntactAsync("debian-cloud", 1, cancel);
            }
        });

    [Fact]
    [Trait("Lane", "fast")]
    public Task Promise7_KernelPanicWithRestart_StartsItAgain() => Scenario.RunAsync(
        new MachinePlan(s_two) { Expected = MachineExpectations.GuestCrash, SetupLines = ["guest 0002 options=" + PanicOptions] },
        async (machine, cancel) =>
        {
            await new SwitchRounds(machine, machine.Guests, 2, new Quiet()).RunAsync(1, cancel);
            await machine.SwitchAsync("debian-cloud", "debian", cancel);
            EventLog<string>.Cursor console = machine.Console.FromNow();
            Task restart = machine.RestartAsync("debian", "crash", "reset", cancel);
            await console.NextAsync("debian to panic", line => line.Contains("Kernel panic", StringComparison.Ordinal), cancel);
            await restart;
            await machine.SwitchAsync("debian", "debian-cloud", cancel);
            await machine.AssertIntactAsync("debian-cloud", 1, cancel);
        });

    /// <summary>The rig's usual options for a Debian guest, and a restart at once after a panic.</summary>
    private static string PanicOptions => DebianGuest.DefaultOptions + " panic=-1";
}

using System;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Ctl.Live;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>A running system reads what Switcher says, and decides what its suspending means.</summary>
public sealed class ConfigurationTests
{
    private static readonly MachinePlan s_two = new([GuestSpec.DebianCloud, GuestSpec.DebianFull]);

    private static readonly MachinePlan s_three =
        new([GuestSpec.DebianCloud, GuestSpec.DebianFull, GuestSpec.DebianCloud], 2, 3072);

    [Fact]
    public Task Next_OfThreeGuests_SkipsOneAndStatusSaysSo() => Scenario.RunAsync(s_three, async (machine, cancel) =>
    {
        string[] names = [.. machine.Guests.Select(guest => guest.Name)];
        await machine.Agent(names[0]).ReadyAsync(cancel);
        SwitcherStatus status = await StatusAsync(machine, names[0], cancel);
        Assert.Equal(["active", "parked", "parked"], status.Guests.Select(guest => guest["state"]));
        Assert.Equal(("svm", "0", ""), (status.Machine["backend"], status.Machine["switches"], status.Machine["next"]));

        await machine.Agent(names[0]).AskAsync("own-variable SwitcherNext option 3", cancel);
        Assert.Equal("0003", (await StatusAsync(machine, names[0], cancel)).Machine["next"]);
        await machine.SwitchAsync(names[0], names[2], cancel);
        status = await StatusAsync(machine, names[2], cancel);
        Assert.Equal(["suspended", "parked", "active"], status.Guests.Select(guest => guest["state"]));
        Assert.Equal(("1", "0001", "0003", ""),
            (status.Machine["switches"], status.Machine["last-from"], status.Machine["last-to"], status.Machine["next"]));

        // One time: from here on the order is as it was.
        await machine.SwitchAsync(names[2], names[0], cancel);
        await machine.SwitchAsync(names[0], names[1], cancel);
        AgentLine log = await machine.Agent(names[1]).AskAsync("show-variable SwitcherLog", cancel);
        Assert.Contains("|STEP switch n=3 from=0 to=1 first=1 reason=s3 ", log["text"], StringComparison.Ordinal);
    });

    /// <summary>Armed, to suspend is to sleep until the power button; a name makes the next one a switch, and only that one.</summary>
    [Fact]
    public Task Sleep_Armed_IsTheMachinesUntilAGuestIsNamed() => Scenario.RunAsync(s_two, async (machine, cancel) =>
    {
        await machine.Agent("debian-cloud").ReadyAsync(cancel);
        await machine.Agent("debian-cloud").AskAsync("own-variable SwitcherSleep text armed", cancel);
        Assert.Equal("armed", (await StatusAsync(machine, "debian-cloud", cancel)).Machine["sleep"]);
        await SleepAsync(machine, "debian-cloud", cancel);

        await machine.Agent("debian-cloud").AskAsync("own-variable SwitcherNext option 2", cancel);
        await machine.SwitchAsync("debian-cloud", "debian", cancel);
        await SleepAsync(machine, "debian", cancel);

        // What is no policy is not taken.
        await Assert.ThrowsAsync<MachineFailure>(() => machine.Agent("debian").AskAsync("own-variable SwitcherSleep text never", cancel));
        await machine.Agent("debian").AskAsync("own-variable SwitcherSleep text switch", cancel);
        await machine.SwitchAsync("debian", "debian-cloud", cancel);
    });

    /// <summary>One guest's wish, made before the boot, taken back by another and made again.</summary>
    [Fact]
    public Task Sleep_OfOneGuest_IsTheMachinesForThatGuestAlone() => Scenario.RunAsync(
        s_two with { SetupLines = ["guest 0002 sleep=machine"] },
        async (machine, cancel) =>
        {
            await machine.Agent("debian-cloud").ReadyAsync(cancel);
            await machine.SwitchAsync("debian-cloud", "debian", cancel);
            Assert.Equal(["switch", "machine"], (await StatusAsync(machine, "debian", cancel)).Guests.Select(guest => guest["sleep"]));
            await SleepAsync(machine, "debian", cancel);
            await machine.Agent("debian").AskAsync("own-variable SwitcherGuest0002 text sleep=switch", cancel);
            await machine.SwitchAsync("debian", "debian-cloud", cancel);
        });

    /// <summary>Promise 7: a guest that has shut down starts again when another one asks for it; who asked sleeps through that.</summary>
    [Fact]
    public Task Promise7_GuestThatShutDown_StartsAgainWhenItIsNamed() => Scenario.RunAsync(s_two, async (machine, cancel) =>
    {
        await machine.Agent("debian-cloud").ReadyAsync(cancel);
        await machine.SwitchAsync("debian-cloud", "debian", cancel);
        await machine.Agent("debian").AskAsync("fill", cancel);
        await machine.SwitchAsync("debian", "debian-cloud", cancel);

        EventLog<AgentLine>.Cursor agents = machine.Agent("debian").Events.FromNow();
        await machine.Agent("debian-cloud").SendAsync("poweroff", cancel);
        await machine.Agent("debian").NextAsync(agents, "awake", cancel);
        Assert.Equal(["off", "active"], (await StatusAsync(machine, "debian", cancel)).Guests.Select(guest => guest["state"]));

        await machine.Agent("debian").AskAsync("own-variable SwitcherNext option 1", cancel);
        EventLog<LogLine>.Cursor hypervisor = machine.Hypervisor.Events.FromNow();
        agents = machine.Agent("debian-cloud").Events.FromNow();
        await machine.Agent("debian").SendAsync("suspend", cancel);
        LogLine line = (await hypervisor.NextAsync("debian-cloud to boot", line => line.IsStep("boot"), cancel)).Value;
        Assert.Equal("debian-cloud", line["name"]);
        await machine.Agent("debian-cloud").NextAsync(agents, "ready", cancel);
        SwitcherStatus status = await StatusAsync(machine, "debian-cloud", cancel);
        Assert.Equal(["active", "suspended"], status.Guests.Select(guest => guest["state"]));
        Assert.Equal(["1", "0"], status.Guests.Select(guest => guest["restarts"]));

        await machine.SwitchAsync("debian-cloud", "debian", cancel);
        Assert.Equal(0, (await machine.Agent("debian").AskAsync("check", cancel)).Number("wrong"));
    });

    /// <summary>Promise 8: the machine sleeps, and the power button wakes the guest that suspended.</summary>
    private static async Task SleepAsync(Machine machine, string guest, CancellationToken cancel)
    {
        EventLog<LogLine>.Cursor hypervisor = machine.Hypervisor.Events.FromNow();
        EventLog<AgentLine>.Cursor agents = machine.Agent(guest).Events.FromNow();
        await machine.Agent(guest).SendAsync("suspend", cancel);
        await hypervisor.NextAsync("the machine to sleep", line => line.Is("INFO", "sleep"), cancel);
        await machine.Emulator.PressPowerButtonAsync(cancel);
        await machine.Agent(guest).NextAsync(agents, "awake", cancel);
    }

    private static async Task<SwitcherStatus> StatusAsync(Machine machine, string guest, CancellationToken cancel)
    {
        string text = (await machine.Agent(guest).AskAsync("show-variable SwitcherStatus", cancel))["text"];
        Assert.True(SwitcherStatus.TryParse(Encoding.UTF8.GetBytes(text.Replace('|', '\n').Replace('\'', '"')), out SwitcherStatus? status),
            text);
        return status;
    }
}

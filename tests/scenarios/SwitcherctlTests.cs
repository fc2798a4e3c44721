using System;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary><c>switcherctl</c> in Debian guests, through the kernel's efivarfs and to Switcher.</summary>
public sealed class SwitcherctlTests
{
    private const string Mount = "run mount -t efivarfs efivarfs /sys/firmware/efi/efivars";
    private const string First = "debian-cloud";
    private const string Second = "debian";

    /// <summary>One guest looks, configures and switches by name; the other one finds that, configures too and switches back.</summary>
    [Fact]
    public Task Switcherctl_InTwoGuests_ListsConfiguresAndSwitches() => Scenario.RunAsync(async (rig, logs, cancel) =>
    {
        var plan = new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull])
        {
            Adjust = guests => [Switcherctl.AddTo(guests[0], rig.Cache, logs), guests[1]],
        };
        await using Machine machine = await rig.StartAsync(plan, logs, cancel);
        Task<(int Exit, string Output)> Run(string guest, string line) => Switcherctl.RunAsync(machine, guest, line, cancel);

        await machine.Agent(First).ReadyAsync(cancel);
        await Switcherctl.PrepareAsync(machine, First, cancel);
        (int exit, string output) = await Run(First, "list");
        Assert.Equal((5, true), (exit, output.Contains("mount -t efivarfs efivarfs /sys/firmware/efi/efivars", StringComparison.Ordinal)));
        await machine.Agent(First).AskAsync(Mount, cancel);
        await AssertListAsync(machine, First, "active parked", Second, cancel);

        // Switcher takes what is good, at once where it says so, and what is bad does not come to it.
        const string Some = "Counts at the machine's next start, the rest at once.";
        Assert.Equal((0, Some), await Run(First, "config set debian memory=40% sleep=machine"));
        Assert.Equal(
            (7, "switcherctl: \"clock=mine\": clock is neither utc nor local."), await Run(First, "config set debian clock=mine"));
        (exit, output) = await Run(First, "status --json");
        JsonElement[] guests = [.. JsonDocument.Parse(output).RootElement.GetProperty("guests").EnumerateArray()];
        Assert.Equal(["switch", "machine"], guests.Select(guest => guest.GetProperty("sleep").GetString()));

        // Named, and not named again: the kernel protects the variable's file from the first time on.
        Assert.Equal((0, "Next is 0002 \"debian\", which is parked."), await Run(First, "next DEBIAN"));
        Assert.Equal((0, "Next is 0002 \"debian\", which is parked."), await Run(First, "next --clear"));
        Task switching = await SwitchAsync(machine, First, "debian", isFirst: true, cancel);
        await machine.Agent(Second).ReadyAsync(cancel);

        // The other one finds that, and makes a variable that the first one's kernel does not list. Its own suspend is the machine's, but
        // for a name, which it gives.
        await Switcherctl.PrepareAsync(machine, Second, cancel);
        await machine.Agent(Second).AskAsync(Mount, cancel);
        await AssertListAsync(machine, Second, "suspended active", null, cancel);
        (exit, output) = await Run(Second, "config get 2");
        Assert.Equal((0, @"initrd=\EFI\debian\initrd.img|memory=40%|sleep=machine"), (exit, output.Replace('\n', '|')));
        Assert.Equal((0, "Counts at once."), await Run(Second, "config set sleep armed"));
        _ = await SwitchAsync(machine, Second, "", isFirst: false, cancel);
        await switching;

        await AssertListAsync(machine, First, "active suspended", null, cancel);
        Assert.Equal((0, "armed"), await Run(First, "config get sleep"));
        Assert.Equal((0, Some), await Run(First, "config unset debian memory sleep"));
        Assert.Equal((0, "Counts at once."), await Run(First, "config set sleep switch"));
        await AssertListAsync(machine, First, "active suspended", Second, cancel);
    });

    /// <summary>Switches by <c>switcherctl switch</c>, which is over when its system is awake again.</summary>
    private static async Task<Task> SwitchAsync(Machine machine, string from, string name, bool isFirst, CancellationToken cancel)
    {
        EventLog<LogLine>.Cursor hypervisor = machine.Hypervisor.Events.FromNow();
        Task switching = Switcherctl.RunAsleepAsync(machine, from, $"switch {name}", cancel);
        LogLine line = (await hypervisor.NextAsync($"{from} to be switched away", line => line.IsStep("switch"), cancel)).Value;
        Assert.Equal(("s3", isFirst ? "1" : "0"), (line["reason"], line["first"]));
        return switching;
    }

    private static async Task AssertListAsync(Machine machine, string guest, string states, string? next, CancellationToken cancel)
    {
        (int exit, string output) = await Switcherctl.RunAsync(machine, guest, "list --json", cancel);
        Assert.Equal(0, exit);
        JsonElement[] systems = [.. JsonDocument.Parse(output).RootElement.GetProperty("systems").EnumerateArray()];
        Assert.Equal([First, Second], systems.Select(system => system.GetProperty("label").GetString()));
        Assert.Equal(states.Split(' '), systems.Select(system => system.GetProperty("state").GetString()));
        string[] expected = next == null ? [] : [next];
        Assert.Equal(expected,
            systems.Where(system => system.GetProperty("next").GetBoolean()).Select(system => system.GetProperty("label").GetString()!));
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 10: where nobody has listed systems, the menu proposes each once, whatever the firmware lists besides: another spelling, a copy
/// of a loader, a copy of Switcher, a shell.
/// </summary>
public sealed class DefaultListTests
{
    private const string Copy = @"\EFI\copy\kernel.efi";
    private const string RenamedSwitcher = @"\EFI\other\loader.efi";

    private static readonly string[] s_setup =
    [
        @"boot 0003 ""spelling"" \efi\DEBIAN-CLOUD\Linux.EFI", $@"boot 0004 ""copy"" {Copy}", $@"boot 0005 ""other"" {RenamedSwitcher}",
        @"boot 0006 ""shell"" \EFI\tools\shellx64.efi",
    ];

    [Fact]
    public Task Promise10_WithoutAList_EachSystemRunsOnce() => Scenario.RunAsync(async (rig, logs, cancel) =>
    {
        var plan = new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull])
        {
            SetupLines = s_setup,
            IsChosen = false,
            Adjust = guests => [With(guests[0], rig), .. guests.Skip(1)],
        };
        await using Machine machine = await rig.StartAsync(plan, logs, cancel);
        Assert.Equal(2, (await machine.Hypervisor.StepAsync("config", cancel)).Number("guests"));
        LogLine menu = await machine.Hypervisor.StepAsync("menu", cancel);
        Assert.Equal((2, 2), (menu.Number("systems"), menu.Number("selected")));
        await machine.TypeAsync("\r"u8.ToArray(), cancel);
        await new SwitchRounds(machine, machine.Guests, 2, new Quiet()).RunAsync(1, cancel);
        string[] warnings = [.. machine.Hypervisor.Events.Snapshot().Select(entry => entry.Value)
            .Where(line => line.Kind == "WARN").Select(line => line.Text[line.Text.IndexOf("Boot", StringComparison.Ordinal)..])];
        Assert.Equal(
            [
                "Boot0003: left out: it starts the same system as an option before it",
                "Boot0004: left out: it starts the same system as an option before it",
            ],
            warnings);
    });

    private static Guest With(Guest guest, Rig rig) => guest with
    {
        Files = new Dictionary<string, string>(guest.Files)
        {
            [Copy] = guest.Files[guest.Loader],
            [RenamedSwitcher] = rig.Artifacts.Switcher,
        },
    };
}

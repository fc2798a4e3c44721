using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// <c>switcherctl install</c> in a Debian guest, whose kernel and <c>efibootmgr</c> see what it makes: a boot option that is the firmware's
/// own to the last byte of its path.
/// </summary>
public sealed class SwitcherctlInstallTests
{
    private const string Guest = "debian-cloud";
    private const string Path = @"\EFI\Switcher\Switcher.efi";

    [Fact]
    public Task Switcherctl_UninstallsAndInstalls_LeavesTheOptionThatWasThere() => Scenario.RunAsync(async (rig, logs, cancel) =>
    {
        var plan = new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull])
        {
            SetupLines = [$@"boot 0007 ""Switcher"" {Path}"],
            Adjust = guests => [Efibootmgr.AddTo(Switcherctl.AddTo(guests[0], rig.Cache, logs), rig.Cache), guests[1]],
        };
        await using Machine machine = await rig.StartAsync(plan, logs, cancel);
        await machine.Agent(Guest).ReadyAsync(cancel);
        await Switcherctl.PrepareAsync(machine, Guest, cancel);
        await machine.Agent(Guest).AskAsync($"run cp {SystemPartition.Folder}/EFI/Switcher/Switcher.efi /s.efi", cancel);
        SortedDictionary<string, string> before = await Efivarfs.ListAsync(machine, Guest, cancel);
        string option = await OptionAsync(machine, cancel);

        // What would change is said, and is all still there.
        JsonElement planned = await RunAsync(machine, "uninstall --keep-settings --dry-run --json", cancel);
        Assert.Equal((false, 3), (planned.GetProperty("changed").GetBoolean(), planned.GetProperty("changes").GetArrayLength()));
        Assert.Equal(before, await Efivarfs.ListAsync(machine, Guest, cancel));

        Assert.True((await RunAsync(machine, "uninstall --keep-settings --json", cancel)).GetProperty("changed").GetBoolean());
        Assert.Equal("", await OptionAsync(machine, cancel));
        Assert.Equal(Others(before), Others(await Efivarfs.ListAsync(machine, Guest, cancel)));
        await machine.Agent(Guest).AskAsync($"run test ! -e {SystemPartition.Folder}/EFI/Switcher", cancel);

        JsonElement installed = await RunAsync(machine, "install --image /s.efi --json", cancel);
        Assert.Equal(3, installed.GetProperty("changes").GetArrayLength());
        Assert.Equal(option, await OptionAsync(machine, cancel));
        Assert.Equal(Others(before), Others(await Efivarfs.ListAsync(machine, Guest, cancel)));
        await machine.Agent(Guest).AskAsync($"run cmp /s.efi {SystemPartition.Folder}/EFI/Switcher/Switcher.efi", cancel);
        Assert.Equal(0, (await RunAsync(machine, "install --image /s.efi --json", cancel)).GetProperty("changes").GetArrayLength());
        JsonElement status = await RunAsync(machine, "status --json", cancel);
        Assert.True(status.GetProperty("boot-option-first").GetBoolean());
    });

    private static async Task<JsonElement> RunAsync(Machine machine, string line, CancellationToken cancel)
    {
        (int exit, string output) = await Switcherctl.RunAsync(machine, Guest, line, cancel);
        Assert.True(exit == 0, output);
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>
    /// What <c>efibootmgr</c> says of the path of Switcher's option; nothing if there is none. It mounts the partition itself, and
    /// afterwards that is mounted writable.
    /// </summary>
    private static async Task<string> OptionAsync(Machine machine, CancellationToken cancel)
    {
        await machine.Agent(Guest).AskAsync($"run umount {SystemPartition.Folder}", cancel);
        string? line = (await Efibootmgr.ListAsync(machine, Guest, cancel))
            .SingleOrDefault(line => line.Contains(Path, StringComparison.OrdinalIgnoreCase));
        await machine.Agent(Guest).AskAsync($"run {SystemPartition.Mount}", cancel);
        return line?[line.IndexOf("HD(", StringComparison.Ordinal)..] ?? "";
    }

    /// <summary>All but boot options: their number and label may be others.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Others(SortedDictionary<string, string> variables) =>
        variables.Where(variable => !variable.Key.StartsWith("Boot", StringComparison.Ordinal));
}

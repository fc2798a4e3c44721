using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Flash;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>Promise 10: nothing runs unasked. The menu waits, and what was saved there is what the next start runs.</summary>
public sealed class MenuTests
{
    private const string Down = "\e[B";

    private static readonly MachinePlan s_plan = new([GuestSpec.DebianCloud, GuestSpec.DebianFull])
    {
        IsChosen = false,
        SetupLines = [@"boot 0003 ""shell"" \EFI\tools\shellx64.efi"],
    };

    [Fact]
    public Task Promise10_WithoutAList_TheMenuWaitsAndWhatIsSavedStartsNextTime() => Scenario.RunAsync(async (rig, logs, cancel) =>
    {
        MachinePlan plan = s_plan with { Flash = new FlashOptions(Path.Combine(logs, "flash.fd")) };
        await using (Machine machine = await rig.StartAsync(plan, Directory.CreateDirectory(Path.Combine(logs, "menu")).FullName, cancel))
        {
            LogLine menu = await machine.Hypervisor.StepAsync("menu", cancel);
            Assert.Equal((2, 2), (menu.Number("systems"), menu.Number("selected")));
            EventLog<string>.Cursor console = machine.Console.FromStart();
            await NextAsync(console, "debian-cloud", cancel);
            await NextAsync(console, "a tool, not a system", cancel);
            await NextAsync(console, "Enter: start the 2 selected", cancel);

            // One system is not enough: the menu says so, and stays.
            await TypeAsync(machine, Down + " \r", cancel);
            await NextAsync(console, "Select at least two systems", cancel);
            Assert.Equal("firmware config menu", machine.Steps());

            // The second one again, before the first, with a share of its own.
            await TypeAsync(machine, " +mmmm", cancel);
            await NextAsync(console, "40%", cancel);
            await TypeAsync(machine, "s", cancel);
            LogLine saved = (await machine.Hypervisor.Events.FromStart().NextAsync(
                "the choice to be saved", line => line.Is("INFO", "menu") && line["stored"].Length > 0, cancel)).Value;
            Assert.Equal(("yes", 2), (saved["stored"], saved.Number("guests")));
            await NextAsync(console, "Saved.", cancel);
            Assert.Equal("firmware config menu", machine.Steps());

            await TypeAsync(machine, "\r", cancel);
            await machine.Agent("debian").ReadyAsync(cancel);
            await machine.SwitchAsync("debian", "debian-cloud", cancel);
            await machine.SwitchAsync("debian-cloud", "debian", cancel);
            AssertOrder(machine);
        }

        // The same firmware after a restart: what is configured is what was saved, and nobody touches a key.
        plan = plan with
        {
            SetupLines = [.. plan.SetupLines, "timeout 1"],
            Adjust = guests => [.. guests.Select(guest => guest with { Settings = [] })],
        };
        await using (Machine machine = await rig.StartAsync(plan, Directory.CreateDirectory(Path.Combine(logs, "saved")).FullName, cancel))
        {
            await machine.Agent("debian").ReadyAsync(cancel);
            AssertOrder(machine);
            Assert.DoesNotContain("menu", machine.Steps(), StringComparison.Ordinal);
            Assert.Contains(machine.Console.Snapshot(), line => line.Value.Contains(
                "Switcher starts debian, debian-cloud in 1 s (any key: menu)", StringComparison.Ordinal));
        }
    });

    /// <summary>The second system first, and with less than half of the memory.</summary>
    private static void AssertOrder(Machine machine)
    {
        Assert.Equal(("debian", "debian-cloud"), (machine.Hypervisor.NameOf(0), machine.Hypervisor.NameOf(1)));
        decimal[] bytes = [.. new[] { "debian", "debian-cloud" }.Select(
            guest => machine.Hypervisor.RangesOf(guest).Sum(range => (decimal)range.Length))];
        Assert.InRange(bytes[0] / (bytes[0] + bytes[1]), 0.38m, 0.42m);
    }

    private static ValueTask TypeAsync(Machine machine, string keys, CancellationToken cancel) =>
        machine.TypeAsync(System.Text.Encoding.ASCII.GetBytes(keys), cancel);

    private static Task<Timed<string>> NextAsync(EventLog<string>.Cursor console, string text, CancellationToken cancel) =>
        console.NextAsync($"'{text}' on the console", line => line.Contains(text, StringComparison.Ordinal), cancel);
}

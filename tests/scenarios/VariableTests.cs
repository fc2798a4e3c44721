using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Flash;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 6: all systems see one and the same set of the firmware's variables, and change it one at a time. <c>SWITCHER_SWITCHES</c> says
/// how often.
/// </summary>
public sealed partial class VariableTests
{
    private const int UsualSwitches = 6;
    private static readonly GuestSpec[] s_guests = [GuestSpec.DebianCloud, GuestSpec.DebianFull, GuestSpec.DebianOlder];

    private static int Switches => Asked.Number("SWITCHER_SWITCHES") ?? UsualSwitches;

    /// <param name="hasSmm">Whether the firmware writes them in System Management Mode.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Promise6_ThreeKernelsWriteInTurn_EachFindsWhatTheOthersWrote(bool hasSmm) => Scenario.RunAsync(
        async (rig, logs, cancel) =>
        {
            var plan = new MachinePlan(s_guests, MemoryMiB: 3072)
            {
                HasSmm = hasSmm,
                Flash = new FlashOptions(Path.Combine(logs, "flash.fd")),
            };
            SortedDictionary<string, string> last;
            await using (Machine machine = await rig.StartAsync(plan, logs, cancel))
            {
                string active = await WriteInTurnAsync(machine, cancel);
                last = await Efivarfs.ListAsync(machine, active, cancel);
                Assert.Equal(hasSmm, machine.Hypervisor.Exits().GetValueOrDefault("SMI") > 0);
                Assert.DoesNotContain(
                    machine.Console.Snapshot(), line => line.Value.Contains("Unable to switch EFI", StringComparison.Ordinal));
            }

            // Another start of the machine, whose firmware has only its flash memory.
            string again = Directory.CreateDirectory(Path.Combine(logs, "again")).FullName;
            await using (Machine machine = await rig.StartAsync(plan, again, cancel))
            {
                await machine.Agent("debian-cloud").ReadyAsync(cancel);
                SortedDictionary<string, string> found = await Efivarfs.ListAsync(machine, "debian-cloud", cancel);
                Assert.Equal(WithoutBootOptions(last), WithoutBootOptions(found));
            }
        },
        more: TimeSpan.FromSeconds(20 * Switches));

    /// <summary>Written, overwritten and removed, by each system in its turn; no variable is always the same one's.</summary>
    /// <returns>The guest that has the machine at the end.</returns>
    private static async Task<string> WriteInTurnAsync(Machine machine, CancellationToken cancel)
    {
        await machine.Agent("debian-cloud").ReadyAsync(cancel);
        Assert.InRange((await machine.Agent("debian-cloud").AskAsync("variables", cancel)).Number("count") ?? 0, 10, 1000);
        string active = "debian-cloud";
        for (int i = 1; i <= Switches; i++)
        {
            int shifted = i + i / s_guests.Length;
            await machine.Agent(active).AskAsync($"set-variable Round{shifted % 3} {i % 4}", cancel);
            string here = await SumAsync(machine, active, cancel);
            string other = s_guests[i % s_guests.Length].Name;
            await machine.SwitchAsync(active, other, cancel);
            Assert.Equal(here, await SumAsync(machine, other, cancel));
            active = other;
        }

        return active;
    }

    /// <summary>They name the disks, which the rig makes anew for each start of the machine.</summary>
    [GeneratedRegex("^Boot([0-9A-F]{4}|Order)-")]
    private static partial Regex BootOption();

    private static IEnumerable<KeyValuePair<string, string>> WithoutBootOptions(SortedDictionary<string, string> variables) =>
        variables.Where(Efivarfs.IsLasting).Where(variable => !BootOption().IsMatch(variable.Key));

    private static async Task<string> SumAsync(Machine machine, string guest, CancellationToken cancel) =>
        (await machine.Agent(guest).AskAsync("variables", cancel))["sum"];
}

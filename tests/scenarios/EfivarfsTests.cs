using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 6: under Switcher a system sees the variables that it sees on the same machine without it, byte for byte; so do systems of
/// another version.
/// </summary>
public sealed class EfivarfsTests
{
    private const string BootCurrent = "BootCurrent-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    private static readonly GuestSpec[] s_guests = [GuestSpec.DebianCloud, GuestSpec.DebianFull, GuestSpec.DebianOlder];

    /// <param name="first">The one that starts first, and alone on the machine without Switcher.</param>
    [Theory]
    [InlineData("debian-cloud")]
    [InlineData("debian")]
    [InlineData("debian-older")]
    public Task Promise6_Efivarfs_IsTheSameAsWithoutSwitcher(string first) => Scenario.RunAsync(async (rig, logs, cancel) =>
    {
        GuestSpec[] specs = [.. s_guests.OrderBy(guest => guest.Name != first)];
        var plan = new MachinePlan(specs, MemoryMiB: 3072)
        {
            SystemPartition = Guid.NewGuid(),
            Adjust = guests => [Efibootmgr.AddTo(guests[0], rig.Cache), .. guests.Skip(1)],
        };
        var seen = new List<Variables>();
        await using (Machine machine = await rig.StartAsync(plan, logs, cancel))
        {
            string active = specs[0].Name;
            await machine.Agent(active).ReadyAsync(cancel);
            foreach (GuestSpec spec in specs)
            {
                if (spec != specs[0])
                    await machine.SwitchAsync(active, spec.Name, cancel);
                active = spec.Name;
                seen.Add(await Variables.ReadAsync(machine, active, cancel));
            }
        }

        string native = Directory.CreateDirectory(Path.Combine(logs, "native")).FullName;
        plan = plan with { CpuModel = "EPYC,-svm", Expected = MachineExpectations.Refusal };
        await using (Machine machine = await rig.StartAsync(plan, native, cancel))
        {
            await machine.Agent(first).ReadyAsync(cancel);
            var alone = await Variables.ReadAsync(machine, first, cancel);
            Assert.Equal(alone.Files, seen[0].Files);
            Assert.Equal(alone.BootOptions, seen[0].BootOptions);
        }

        // What outlasts the boot is one and the same; the rest is of each one's own loader.
        Assert.InRange(seen[0].Files.Count, 20, 1000);
        Assert.Contains(seen[0].BootOptions, line => line.Contains(first));
        Assert.All(seen, other => Assert.Equal(seen[0].Lasting, other.Lasting));
        Assert.All(seen, other => Assert.Equal(seen[0].BootOptions.Skip(1), other.BootOptions.Skip(1)));
        Assert.Equal(seen.Count, seen.Select(other => other.Files[BootCurrent]).Distinct().Count());
    });

    /// <param name="Files">The files of efivarfs.</param>
    /// <param name="BootOptions">What <c>efibootmgr -v</c> prints; the first line is BootCurrent.</param>
    private sealed record Variables(SortedDictionary<string, string> Files, IReadOnlyList<string> BootOptions)
    {
        public IEnumerable<KeyValuePair<string, string>> Lasting => Files.Where(Efivarfs.IsLasting);

        public static async Task<Variables> ReadAsync(Machine machine, string guest, CancellationToken cancel) => new(
            await Efivarfs.ListAsync(machine, guest, cancel), await Efibootmgr.ListAsync(machine, guest, cancel));
    }
}

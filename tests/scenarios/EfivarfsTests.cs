using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>Promise 6: under Switcher a system sees the variables that it sees on the same machine without it, byte for byte.</summary>
public sealed class EfivarfsTests
{
    private const string BootCurrent = "BootCurrent-8be4df61-93ca-11d2-aa0d-00e098032b8c";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Promise6_Efivarfs_IsTheSameAsWithoutSwitcher(bool isFullKernel) => Scenario.RunAsync(async (rig, logs, cancel) =>
    {
        GuestSpec[] specs = isFullKernel ? [GuestSpec.DebianFull, GuestSpec.DebianCloud] : [GuestSpec.DebianCloud, GuestSpec.DebianFull];
        var plan = new MachinePlan(specs);
        SortedDictionary<string, string> first;
        SortedDictionary<string, string> second;
        await using (Machine machine = await rig.StartAsync(plan, logs, cancel))
        {
            await machine.Agent(specs[0].Name).ReadyAsync(cancel);
            first = await Efivarfs.ListAsync(machine, specs[0].Name, cancel);
            await machine.SwitchAsync(specs[0].Name, specs[1].Name, cancel);
            second = await Efivarfs.ListAsync(machine, specs[1].Name, cancel);
        }

        string native = Directory.CreateDirectory(Path.Combine(logs, "native")).FullName;
        plan = plan with { CpuModel = "EPYC,-svm", Expected = MachineExpectations.Refusal };
        await using (Machine machine = await rig.StartAsync(plan, native, cancel))
        {
            await machine.Agent(specs[0].Name).ReadyAsync(cancel);
            Assert.Equal(Efivarfs.OfAnyDisk(await Efivarfs.ListAsync(machine, specs[0].Name, cancel)), Efivarfs.OfAnyDisk(first));
        }

        // What outlasts the boot is one and the same; the rest is of each one's own loader.
        Assert.InRange(first.Count, 20, 1000);
        Assert.Equal(first.Where(Efivarfs.IsLasting), second.Where(Efivarfs.IsLasting));
        Assert.NotEqual(first[BootCurrent], second[BootCurrent]);
    });
}

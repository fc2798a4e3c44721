using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Switcher.Runner.Images;
using Xunit;
using Xunit.Abstractions;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 7: one of three systems ends again and again, in every way in turn, and starts again alone, each time with the kernel that is on
/// its disk then. <c>SWITCHER_RESTARTS</c> says how often.
/// </summary>
public sealed class RestartTests(ITestOutputHelper output)
{
    private const string Name = "changing";

    private const string ExchangeKernels = $"{SystemPartition.Mount} && cd {SystemPartition.Folder}/EFI/{Name} && "
        + $"mv linux.efi old && mv other.efi linux.efi && mv old other.efi && cd / && umount {SystemPartition.Folder}";

    private const int UsualRestarts = 4;
    private static readonly (string Command, string Reason)[] s_ends =
        [("crash", "reset"), ("reboot triple", "triple-fault"), ("reboot acpi", "reset"), ("reboot efi", "reset")];

    private static int Restarts => Asked.Number("SWITCHER_RESTARTS") ?? UsualRestarts;

    [Fact]
    public Task Promise7_OneGuestRestartsAgainAndAgain_TheOthersSleepThroughIt() => Scenario.RunAsync(
        async (rig, logs, cancel) =>
        {
            (Guest changing, string[] releases) = await BuildAsync(rig, logs, cancel);
            var plan = new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianOlder], MemoryMiB: 3072)
            {
                Adjust = guests => [.. guests, changing],
                Expected = MachineExpectations.GuestCrash,
            };
            await using Machine machine = await rig.StartAsync(plan, logs, cancel);
            Timed<LogLine> boot = await machine.Hypervisor.Events.FromStart().NextAsync("a boot", line => line.IsStep("boot"), cancel);
            TimeSpan ready = (await machine.Agent("debian-cloud").ReadyAsync(cancel)).Time;
            string[] sleepers = ["debian-cloud", "debian-older"];
            for (int i = 0; i < sleepers.Length; i++)
            {
                await PrepareAsync(machine, sleepers[i], cancel);
                await machine.SwitchAsync(sleepers[i], i == 0 ? sleepers[1] : Name, cancel);
            }

            var times = new List<RestartTime>();
            for (int i = 1; i <= Restarts; i++)
            {
                (string command, string reason) = s_ends[i % s_ends.Length];
                await machine.Agent(Name).AskAsync("run " + ExchangeKernels, cancel);
                times.Add(await machine.RestartAsync(Name, command, reason, cancel));
                Assert.Equal(releases[i % releases.Length], (await machine.Agent(Name).AskAsync("info", cancel))["kernel"]);

                // Not only at the end, too: a guest that never does anything else than restart would be off soon.
                if (i % s_ends.Length == 0 || i == Restarts)
                    await LookAtAsync(machine, sleepers, cancel);
            }

            output.WriteLine($"{times.Count} restarts of one guest, until its kernel has the machine: "
                + $"{Describe(times.Select(time => time.UntilBoot))}; until its agent is there: "
                + Describe(times.Select(time => time.UntilReady)));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"the machine's start, with three loaders: {boot.Time.TotalSeconds:F1} s; {ready.TotalSeconds:F1} s"));
        },
        more: TimeSpan.FromMinutes(Restarts));

    private static string Describe(IEnumerable<TimeSpan> times)
    {
        TimeSpan[] sorted = [.. times.Order()];
        return string.Create(CultureInfo.InvariantCulture,
            $"median {sorted[sorted.Length / 2].TotalSeconds:F1} s, most {sorted[^1].TotalSeconds:F1} s");
    }

    /// <summary>Those that slept are as they were.</summary>
    private static async Task LookAtAsync(Machine machine, string[] sleepers, CancellationToken cancel)
    {
        string active = Name;
        foreach (string sleeper in sleepers)
        {
            await machine.SwitchAsync(active, sleeper, cancel);
            await machine.AssertIntactAsync(sleeper, 1, cancel);
            active = sleeper;
        }

        await machine.SwitchAsync(active, Name, cancel);
    }

    private static async Task PrepareAsync(Machine machine, string guest, CancellationToken cancel)
    {
        await machine.Agent(guest).ReadyAsync(cancel);
        foreach (string command in (string[])["fill", "stamp 1", "write-files 1"])
            await machine.Agent(guest).AskAsync(command, cancel);
    }

    /// <summary>A guest with one disk of its own and two kernels, of which the first is the one that its boot option names.</summary>
    private static async Task<(Guest Guest, string[] Releases)> BuildAsync(Rig rig, string folder, CancellationToken cancel)
    {
        var fileSystem = Guid.NewGuid();
        string disk = Path.Combine(folder, $"{Name}.disk");
        await DataDisk.WriteAsync(rig.Cache, disk, fileSystem, cancel);
        string stub = rig.Cache.InRoot("usr", "lib", "systemd", "boot", "efi", "linuxx64.efi.stub");
        var initramfs = new Initramfs(Name, fileSystem, [DiskTransport.VirtioBlk, DiskTransport.Ahci], rig.Artifacts.Agent, false);
        var files = new Dictionary<string, string>();
        var releases = new List<string>();
        foreach ((DebianFlavour flavour, string file) in (ReadOnlySpan<(DebianFlavour, string)>)
            [(DebianFlavour.Cloud, "linux.efi"), (DebianFlavour.Full, "other.efi")])
        {
            Kernel kernel = Kernel.Find(rig.Cache, flavour);
            string image = Path.Combine(folder, file);
            File.WriteAllBytes(image, UnifiedKernelImage.Build(File.ReadAllBytes(stub), File.ReadAllBytes(kernel.Image),
                initramfs.Build(rig.Cache, kernel), DebianGuest.DefaultOptions + " panic=-1"));
            files[$@"\EFI\{Name}\{file}"] = image;
            releases.Add(kernel.Version);
        }

        var guest = new Guest(Name, $@"\EFI\{Name}\linux.efi", "", HasAgent: true)
        {
            Files = files,
            Disk = new AttachedDisk(disk, DiskTransport.VirtioBlk),
        };
        return (guest, [.. releases]);
    }
}

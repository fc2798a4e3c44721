using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;
using Switcher.Runner.Emulators;
using Switcher.Runner.Flash;
using Switcher.Runner.Guests;
using Switcher.Runner.Prepare;

namespace Switcher.Runner.Drive;

/// <summary>A machine to start with Switcher on it.</summary>
/// <param name="Guests">Its guests; the first starts first.</param>
/// <param name="Cpus">Number of CPUs.</param>
/// <param name="MemoryMiB">RAM in MiB.</param>
public sealed record MachinePlan(IReadOnlyList<GuestSpec> Guests, int Cpus = 2, int MemoryMiB = 2048)
{
    /// <summary>What it runs in.</summary>
    public EmulatorKind Emulator { get; init; }

    /// <summary>How the disk is attached that the firmware boots from, in QEMU. The guests have the driver.</summary>
    public DiskTransport SystemTransport { get; init; } = DiskTransport.Ahci;

    /// <summary>
    /// Identifies the partition that the firmware boots from; null for another one at each start, so that boot options in a flash that was
    /// used before lead nowhere, and the firmware comes to the set-up program.
    /// </summary>
    public Guid? SystemPartition { get; init; }

    /// <summary>The flash with the firmware's variables; null for an empty one of the machine's own. QEMU only.</summary>
    public FlashOptions? Flash { get; init; }

    /// <summary>Whether KVM runs it.</summary>
    public bool Accelerated { get; init; }

    /// <summary>Whether its firmware keeps the variables behind System Management Mode, in QEMU.</summary>
    public bool HasSmm { get; init; }

    /// <summary>Whether Debian guests have a shell on the console.</summary>
    public bool Interactive { get; init; }

    /// <summary>The CPU model with its features; null for the emulator's usual one.</summary>
    public string? CpuModel { get; init; }

    /// <summary>TCP port of the debugger stub; null for none.</summary>
    public int? DebuggerPort { get; init; }

    /// <summary>Arguments passed to the emulator as they are.</summary>
    public IReadOnlyList<string> EmulatorArguments { get; init; } = [];

    /// <summary>
    /// Whether the set-up program says which guests run, and that nobody waits for a key. If not, Switcher shows its menu, or goes by what
    /// is in the flash.
    /// </summary>
    public bool IsChosen { get; init; } = true;

    /// <summary>Further lines for the set-up program, for example variables with bad values.</summary>
    public IReadOnlyList<string> SetupLines { get; init; } = [];

    /// <summary>Changes the guests once they are built: other loaders, settings, files, disks.</summary>
    public Func<IReadOnlyList<Guest>, IReadOnlyList<Guest>>? Adjust { get; init; }

    /// <summary>What this machine may do without that being a failure.</summary>
    public MachineExpectations Expected { get; init; }

    /// <summary>Called with what the guests write to their console, as it comes.</summary>
    public Action<ReadOnlyMemory<byte>>? OnConsole { get; init; }
}

/// <summary>Everything that machines are made of: the fetched packages and the built programs.</summary>
public sealed class Rig
{
    private readonly Preparation _preparation;

    private Rig(Cache cache, Preparation preparation, Artifacts artifacts)
    {
        _preparation = preparation;
        Cache = cache;
        Artifacts = artifacts;
    }

    public Cache Cache { get; }

    public Artifacts Artifacts { get; }

    /// <summary>Fetches what is missing; Bochs and the older kernel only when a machine wants them.</summary>
    /// <param name="console">Where progress goes.</param>
    /// <param name="artifacts">The built programs; null to build them now.</param>
    /// <param name="logs">Where the compiler's output is left if that build fails.</param>
    public static async Task<Rig> PrepareAsync(IAnsiConsole console, Artifacts? artifacts, string logs, CancellationToken cancel)
    {
        var cache = Cache.ForUser();
        var preparation = new Preparation(cache, console);
        await preparation.EnsureAsync([PackageSet.Linker, PackageSet.Qemu, PackageSet.Guests], Pins.Read(), cancel);
        return new Rig(cache, preparation, artifacts ?? await Artifacts.BuildAsync(cache, logs, cancel));
    }

    /// <summary>Makes the disks and switches the machine on. Its images go away with it, its logs stay.</summary>
    /// <param name="logs">An existing folder for the logs.</param>
    public async Task<Machine> StartAsync(MachinePlan plan, string logs, CancellationToken cancel)
    {
        bool inBochs = plan.Emulator == EmulatorKind.Bochs;
        if (inBochs)
            await _preparation.EnsureAsync([PackageSet.Bochs], Pins.Read(), cancel);
        if (plan.Guests.Any(guest => guest.Debian == DebianFlavour.Older))
            await _preparation.EnsureAsync([PackageSet.OlderKernel], Pins.Read(), cancel);
        string folder = Directory.CreateTempSubdirectory("switcher-run-").FullName;
        try
        {
            IReadOnlyList<DiskTransport> transports =
                inBochs ? [DiskTransport.Ata] : [DiskTransport.Nvme, DiskTransport.Ahci, DiskTransport.VirtioBlk];
            string kernelOptions = DebianGuest.DefaultOptions + (inBochs ? BochsConfiguration.LinuxOptions : "");
            var factory = new GuestFactory(Cache, Artifacts.Agent, folder, transports, kernelOptions, plan.Interactive)
            {
                SystemTransport = inBochs ? DiskTransport.Ata : plan.SystemTransport,
            };
            IReadOnlyList<Guest> guests = await factory.BuildAsync(plan.Guests, cancel);
            guests = plan.Adjust?.Invoke(guests) ?? guests;
            var disks = new List<AttachedDisk>();
            foreach (Guest guest in guests)
            {
                if (guest.Disk is not null)
                    disks.Add(guest.Disk);
            }

            // The firmware has no ACPI tables in Bochs: the set-up program installs them, before anything looks at them.
            IReadOnlyList<string> lines = inBochs ? ["acpi", .. plan.SetupLines] : plan.SetupLines;
            string system = await SwitcherDisk.WriteAsync(
                Cache, Artifacts, guests, folder, cancel, plan.SystemPartition, plan.IsChosen, lines);
            var options = new MachineOptions(plan.Cpus, plan.MemoryMiB, system)
            {
                Disks = disks,
                SystemTransport = plan.SystemTransport,
                Flash = plan.Flash,
                Accelerated = plan.Accelerated,
                HasSmm = plan.HasSmm,
                CpuModel = plan.CpuModel,
                DebuggerPort = plan.DebuggerPort,
                ExtraArguments = plan.EmulatorArguments,
            };
            string log = Path.Combine(logs, "emulator.log");
            IEmulator emulator = inBochs
                ? await Bochs.StartAsync(Cache, options, log, cancel) : await Qemu.StartAsync(Cache, options, log, cancel);
            return new Machine(emulator, logs, plan.Expected, plan.OnConsole) { Guests = guests, ImageFolder = folder };
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }
}

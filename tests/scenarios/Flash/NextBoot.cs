using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Flash;
using Switcher.Runner.Guests;
using Switcher.Runner.Images;
using Switcher.Tests.Scenarios.SmallGuests;

namespace Switcher.Tests.Scenarios.Flash;

/// <summary>A machine starts with the flash that another one left.</summary>
internal static class NextBoot
{
    /// <summary>A firmware that finds a cut in its store cleans up first, byte for byte, and says nothing meanwhile.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    private const int NativeMiB = 256;
    private const int AnotherSize = 24;
    private const int AnotherSeed = 200;

    /// <summary>Boots without Switcher, reads variables, and then writes the first of them, which must work.</summary>
    /// <param name="rig">Whose CPU and firmware the machine has.</param>
    /// <param name="flash">What is in the flash.</param>
    /// <param name="names">The variables.</param>
    /// <returns>What was found of each.</returns>
    public static async Task<IReadOnlyList<SharedValue>> NativelyAsync(TestRig rig, byte[] flash, params string[] names)
    {
        IReadOnlyList<SharedValue> found = [];
        await Scenario.RunAsync(async (programs, logs, cancel) =>
        {
            IEnumerable<string> lines = [.. names.Select(name => $"show {name}"),
                FormattableString.Invariant($"set {names[0]} {AnotherSize} {AnotherSeed}"), $"show {names[0]}"];
            await using Machine machine = await StartNativelyAsync(
                rig, programs, await WriteAsync(flash, logs, cancel), lines, logs, cancel);
            IReadOnlyList<SharedValue> said = await ReadAsync(machine, "SETUP", names.Length + 1, cancel);
            if (said[^1] != SharedValue.Of(AnotherSize, AnotherSeed))
                throw new MachineFailure($"the variable could not be written anew: {said[^1]}");
            found = [.. said.SkipLast(1)];
        });
        return found;
    }

    /// <summary>Starts a machine without Switcher.</summary>
    /// <param name="rig">Whose CPU and firmware it has.</param>
    /// <param name="lines">What the set-up program does.</param>
    public static async Task<Machine> StartNativelyAsync(
        TestRig rig, Rig programs, FlashOptions flash, IEnumerable<string> lines, string logs, CancellationToken cancel)
    {
        string setup = Path.Combine(logs, "switcher-setup.txt");
        await File.WriteAllLinesAsync(setup, lines, cancel);
        var disk = new SystemDisk();
        disk.Add(@"\EFI\BOOT\BOOTX64.EFI", programs.Artifacts.Setup);
        disk.Add(SetupFile.EspPath, setup);
        string image = Path.Combine(logs, "system.img");
        await disk.WriteAsync(programs.Cache, image, cancel);
        MachinePlan plan = rig.Plan(1);
        var options = new MachineOptions(1, NativeMiB, image) { CpuModel = plan.CpuModel, HasSmm = plan.HasSmm, Flash = flash };
        return new Machine(await Qemu.StartAsync(programs.Cache, options, Path.Combine(logs, "emulator.log"), cancel), logs);
    }

    /// <summary>Boots two guests under Switcher, and both read variables.</summary>
    /// <returns>What each guest found, one after the other.</returns>
    public static async Task<IReadOnlyList<SharedValue>> UnderSwitcherAsync(TestRig rig, byte[] flash, params string[] names)
    {
        IReadOnlyList<SharedValue> found = [];
        string script = string.Join(',', names.Select(name => $"show-variable:{name}"));
        await Scenario.RunAsync(async (programs, logs, cancel) =>
        {
            MachinePlan plan = rig.Plan(2, SmallGuest.Of("a", script + ",suspend"), SmallGuest.Of("b", script)) with
            {
                Flash = await WriteAsync(flash, logs, cancel),
            };
            await using Machine machine = await programs.StartAsync(plan, logs, cancel);
            found = await ReadAsync(machine, "GUEST", 2 * names.Length, cancel);
            await new SmallMachine(machine).PowerOffAsync(["a", "b"], cancel);
        });
        return found;
    }

    private static async Task<FlashOptions> WriteAsync(byte[] flash, string folder, CancellationToken cancel)
    {
        string store = Path.Combine(folder, "flash.fd");
        await File.WriteAllBytesAsync(store, flash, cancel);
        return new FlashOptions(store, IsKept: false);
    }

    /// <summary>Waits until programs have shown so many variables.</summary>
    public static async Task<IReadOnlyList<SharedValue>> ReadAsync(Machine machine, string kind, int count, CancellationToken cancel)
    {
        EventLog<LogLine>.Cursor log = machine.Hypervisor.Events.FromStart();
        var found = new List<SharedValue>();
        while (found.Count < count)
        {
            LogLine line = (await log.NextAsync("a variable", line => line.Is(kind, "variable"), cancel, s_patience)).Value;
            found.Add(SharedValue.Parse(line));
        }

        return found;
    }
}

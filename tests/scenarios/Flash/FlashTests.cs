using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Flash;
using Switcher.Tests.Scenarios.SmallGuests;
using Xunit;
using Xunit.Abstractions;

namespace Switcher.Tests.Scenarios.Flash;

/// <summary>The flash of the ordinary firmware.</summary>
public sealed class FlashTests(ITestOutputHelper output) : FlashScenarios(TestRig.QemuSvm, isBrief: false, output)
{
    /// <summary>Takes long enough to be killed in it.</summary>
    private const int LargeBytes = 8000;

    /// <summary>As many as fit without a reclaim: far more writes than are made before the emulator is killed.</summary>
    private const int Values = 25;

    /// <summary>How many writes the guest is allowed: some values, and a part of one.</summary>
    private const int LeastWrites = 20_000;

    /// <summary>What the other tests take for granted: a killed emulator leaves the first writes of its log, and nothing else.</summary>
    [SkippableFact]
    public async Task Promise6_KilledInTheMiddleOfAWrite_LeavesThePrefixOfTheLog()
    {
        int first = 0;
        IEnumerable<string> script = Enumerable.Range(1, Values)
            .Select(seed => Kills.Set(Kills.Variable, SharedValue.Of(LargeBytes, seed)));
        using FlashSession session = await FlashSession.RecordAsync(
            TestRig.QemuSvm,
            async (session, machine, cancel) =>
            {
                await session.WritesOfAsync(machine, Kills.Set(Kills.Bystander, Kills.BystandersValue), cancel);
                first = session.Count();
                await machine.Agent(FlashSession.Guest).SendAsync("go-on", cancel);
                while (session.Count() < first + LeastWrites)
                    await Task.Delay(1, cancel);
                await Assert.IsType<Qemu>(machine.Emulator).KillAsync();
            },
            "listen," + string.Join(',', script));
        int count = session.Log.Writes.Count;
        Output.WriteLine(FormattableString.Invariant($"killed after {count - first} writes"));
        Assert.InRange(count, first + LeastWrites, first + (Values * LargeBytes));
        FlashReplay replay = session.Replay();
        replay.AdvanceTo(count);

        // The last write goes to the flash, and then to the log.
        Assert.InRange(Enumerable.Range(0, session.Left.Length).Count(i => session.Left[i] != replay.Store[i]), 0, 1);
        IReadOnlyList<SharedValue> found = await NextBoot.NativelyAsync(TestRig.QemuSvm, session.Left, Kills.Variable, Kills.Bystander);
        SharedValue whole = found[0].Size == 0 ? SharedValue.Absent : SharedValue.Of(LargeBytes, found[0].Seed);
        Assert.Equal([whole, Kills.BystandersValue], found);
    }
}

/// <summary>That of the firmware that writes it in System Management Mode only.</summary>
public sealed class FlashSmmTests(ITestOutputHelper output) : FlashScenarios(TestRig.QemuSvmSmm, isBrief: true, output);

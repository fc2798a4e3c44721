using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Flash;
using Switcher.Tests.Scenarios.SmallGuests;
using Xunit;
using Xunit.Abstractions;

namespace Switcher.Tests.Scenarios.Flash;

/// <summary>
/// Promise 6: the emulator is killed while the firmware, asked by a guest, writes a variable. The next boot finds the old value or the new
/// one, and can write it again. <c>SWITCHER_FLASH_KILLS</c> sets at how many writes of an operation besides those that count most:
/// 200 is all of them for a variable. The tables in docs/nvram.md are these tests' output.
/// </summary>
/// <param name="rig">Where they run.</param>
/// <param name="isBrief">Whether an ordinary run tries one operation only, that which changes a value.</param>
public abstract class FlashScenarios(TestRig rig, bool isBrief, ITestOutputHelper output)
{
    private static readonly Operation[] s_operations =
    [
        new("a variable is created", SharedValue.Absent, SharedValue.Of(16, 7)),
        new("it gets another value", SharedValue.Of(16, 7), SharedValue.Of(20, 9)),
        new("it is removed", SharedValue.Of(20, 9), SharedValue.Absent),
    ];

    /// <summary>Gets the tables.</summary>
    protected ITestOutputHelper Output { get; } = output;

    [SkippableFact]
    public async Task Promise6_KilledWhileAVariableIsWritten_TheNextBootFindsTheOldOrTheNewValue()
    {
        var ranges = new List<Range>();
        using FlashSession session = await FlashSession.RecordAsync(rig, async (session, machine, cancel) =>
        {
            await session.WritesOfAsync(machine, Kills.Set(Kills.Bystander, Kills.BystandersValue), cancel);
            foreach (Operation operation in s_operations)
                ranges.Add(await session.WritesOfAsync(machine, Kills.Set(Kills.Variable, operation.New), cancel));
        });
        var kills = new Kills(rig, Output);
        var tables = new List<KillTable>();
        foreach ((Operation operation, Range range) in s_operations.Zip(ranges))
        {
            if (isBrief && Kills.Asked is null && (operation.Old == SharedValue.Absent || operation.New == SharedValue.Absent))
                continue;
            IEnumerable<KillPoint> points = KillPoint.Choose(
                session, range, new HashSet<FlashPart> { FlashPart.VariableState }, Kills.Asked ?? 0, out int changes);
            tables.Add(await kills.BootAllAsync(operation.Name, range, changes, points, operation.Old, operation.New));
        }

        Assert.NotEmpty(tables);
        Assert.All(tables, table => table.AssertOldThenNew());
    }

    /// <summary>A switch cannot tear a variable, since it writes none.</summary>
    [SkippableFact]
    public async Task Promise6_SwitchesBackAndForth_WriteNothingToTheFlash()
    {
        using FlashSession session = await FlashSession.RecordAsync(
            rig,
            async (session, machine, cancel) =>
            {
                await session.WritesOfAsync(machine, Kills.Set(Kills.Variable, SharedValue.Of(16, 7)), cancel);
                AgentSession agent = machine.Agent(FlashSession.Guest);
                EventLog<AgentLine>.Cursor said = agent.Events.FromNow();
                int before = session.Count();
                await agent.AskAsync("go-on", cancel);
                await agent.NextAsync(said, "ready", cancel);
                Assert.Equal(6, machine.Hypervisor.Events.Snapshot().Count(entry => entry.Value.IsStep("switch")));
                Assert.Equal(before, session.Count());
                Range written = await session.WritesOfAsync(machine, Kills.Set(Kills.Variable, SharedValue.Of(16, 8)), cancel);
                Assert.True(written.End.Value > written.Start.Value, "the log does not show what is written");
            },
            "listen,suspend,suspend,suspend,listen", "suspend,suspend,suspend");
    }

    /// <summary>What is done to the variable.</summary>
    /// <param name="Old">What it was before.</param>
    private sealed record Operation(string Name, SharedValue Old, SharedValue New);
}

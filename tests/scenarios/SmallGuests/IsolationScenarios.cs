using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>
/// Promise 3: the active guest can neither read nor write another guest's memory or the hypervisor's. And what the CPU would have to let it
/// break out with is not there.
/// </summary>
/// <param name="rig">Where they run.</param>
public abstract class IsolationScenarios(TestRig rig)
{
    [SkippableFact]
    public Task Promise3_ForeignMemory_ReadsAllOnesAndKeepsNothing() => rig.DriveAsync(
        rig.Plan(2, SmallGuest.Of("a", "listen,check"), SmallGuest.Of("b", "listen,check")),
        async (small, cancel) =>
        {
            await TouchAsync(small, "a", "b", cancel);
            await SuspendAsync(small, "a", cancel);
            await TouchAsync(small, "b", "a", cancel);
            await SuspendAsync(small, "b", cancel);
            await small.AwakeAsync("a", cancel);
            await TouchAsync(small, "a", "b", cancel);
            await SuspendAsync(small, "a", cancel);
            await small.AwakeAsync("b", cancel);
            await small.Machine.Agent("b").AskAsync("go-on", cancel);
            await small.AwakeAsync("a", cancel);
            await small.Machine.Agent("a").AskAsync("go-on", cancel);
        });

    [SkippableFact]
    public Task Promise3_WhatAGuestMustNotHave_IsAbsentBeforeAndAfterSwitches() => rig.RunAsync(
        2, SmallGuest.Of("a", $"{rig.Misbehaviour},suspend,{rig.Misbehaviour}"), SmallGuest.Of("b", $"suspend,{rig.Misbehaviour}"));

    /// <summary>All of another guest's memory and of the hypervisor's.</summary>
    private static async Task TouchAsync(SmallMachine small, string guest, string other, CancellationToken cancel)
    {
        AgentSession agent = small.Machine.Agent(guest);
        await agent.ReadyAsync(cancel);
        LogLine memory = await small.Machine.Hypervisor.StepAsync("memory", cancel);
        IEnumerable<string> foreign = small.Machine.Hypervisor.RangesOf(other)
            .Select(range => FormattableString.Invariant($"0x{range.Start:x}+0x{range.Length:x}")).Append(memory["hypervisor"]);
        foreach (string range in foreign)
        {
            await agent.AskAsync($"read:{range}", cancel);
            await agent.AskAsync($"write:{range}", cancel);
            await agent.AskAsync($"execute:{range}", cancel);
        }
    }

    private static async Task SuspendAsync(SmallMachine small, string guest, CancellationToken cancel)
    {
        await small.Machine.Agent(guest).SendAsync("suspend", cancel);
        await small.SwitchAsync(cancel);
    }
}

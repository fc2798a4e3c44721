using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>Promise 7: one guest's crash, reset or shutdown never costs another guest its session.</summary>
/// <param name="rig">Where they run.</param>
public abstract class EndScenarios(TestRig rig)
{
    /// <summary>
    /// Two guests sleep. Then one guest after the other starts and ends, each in its own way; those that reset the machine start anew,
    /// alone, and shut down then. What is left are the two: they compare their memory.
    /// </summary>
    /// <param name="ends">The last step of each of the others.</param>
    /// <param name="reasons">What each must count as, separated by spaces. Where a guest's page tables are gone, it is a matter of the
    /// processor who notices.</param>
    [SkippableTheory]
    [InlineData("reset:cf9 reset:keyboard reset:port92 reset:acpi", "reset reset reset reset")]
    [InlineData("reset:init", "reset")]
    [InlineData("triple-fault lost-tables shutdown no-vector", "triple-fault crash|triple-fault shutdown shutdown")]
    public Task Promise7_OneGuestAfterTheOtherEnds_TheOthersKeepTheirSessions(string ends, string reasons)
    {
        IEnumerable<GuestSpec> ending = ends.Split(' ').Select((end, i) => SmallGuest.Of(((char)('c' + i)).ToString(), "check", end));
        MachinePlan plan = rig.Plan(2, [SmallGuest.Of("a", "suspend,suspend,check"), SmallGuest.Of("b", "suspend,check"), .. ending]);
        return rig.DriveAsync(plan, async (small, cancel) =>
        {
            foreach (string expected in reasons.Split(' '))
            {
                LogLine line = await small.NextAsync("a guest to end", line => line.Is("INFO", "ended"), cancel);
                string reason = line["reason"];
                Assert.Contains(reason, expected.Split('|'));
                if (reason is not ("reset" or "triple-fault"))
                    continue;
                LogLine boot = await small.NextAsync("it to start again", line => line.IsStep("boot"), cancel);
                Assert.Equal(line["guest"], boot["guest"]);
                line = await small.NextAsync("it to shut down", line => line.Is("INFO", "ended"), cancel);
                Assert.Equal((boot["guest"], "shutdown"), (line["guest"], line["reason"]));
            }
        });
    }

    [SkippableFact]
    public Task Promise7_TheLastGuestResets_StartsAgainToo() => rig.DriveAsync(
        rig.Plan(2, SmallGuest.Of("a", "check"), SmallGuest.Of("b", "check", "reset:keyboard")),
        async (small, cancel) =>
        {
            await small.NextAsync("b to end", line => line.Is("INFO", "ended") && line["reason"] == "reset", cancel);
            await small.NextAsync("b to start again", line => line.IsStep("boot"), cancel);
        });

    /// <summary>
    /// A loader that never ends is reset by the firmware's watchdog. Nobody knows what the firmware was in the middle of then: it is not
    /// asked for anything any more, but nobody else's session ends.
    /// </summary>
    [SkippableFact]
    public Task Promise7_LoaderThatHangs_IsResetByTheWatchdogAndAnotherWakes() => GiveUpAsync(
        "watchdog=1", MachineExpectations.Errors, "ERROR", line => Assert.Contains("a loader did not come to its end", line.Text));

    /// <summary>
    /// A guest that resets the machine soon after each start never lets anybody at the other's session: the sixth time it is off.
    /// </summary>
    [SkippableFact]
    public Task Promise7_GuestThatCannotStart_IsOffAtLastAndAnotherWakes() => GiveUpAsync(
        "starts=many", default, "WARN", line => Assert.Contains("resets again and again", line.Text));

    /// <summary>What cannot be loaded again is gone, and says why; nobody else's session ends.</summary>
    [SkippableFact]
    public Task Promise7_GuestThatCannotBeLoadedAgain_AnotherWakes() => GiveUpAsync(
        "starts=1", MachineExpectations.Errors, "ERROR",
        line => Assert.Equal("the loader of b returned status 0x8000000000000001", line["reason"]));

    /// <summary>One guest sleeps, the other resets the machine, is given up at last, and the sleeper wakes.</summary>
    /// <param name="options">What becomes of the other's next starts.</param>
    /// <param name="kind">Of the line that gives it up.</param>
    private Task GiveUpAsync(string options, MachineExpectations expected, string kind, Action<LogLine> check)
    {
        GuestSpec ending = SmallGuest.Of("b", "check", "reset:acpi");
        MachinePlan plan = rig.Plan(2, SmallGuest.Of("a", "suspend,check"), ending with { Options = $"{ending.Options} {options}" });
        return rig.DriveAsync(plan with { Expected = expected }, async (small, cancel) =>
        {
            check(await small.NextAsync("b to be given up", line => line.Kind == kind, cancel));
            await small.AwakeAsync("a", cancel);
        });
    }
}

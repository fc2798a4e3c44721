using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>Promise 7: one guest's crash, reset or shutdown never costs another guest its session.</summary>
/// <param name="rig">Where they run.</param>
public abstract class EndScenarios(TestRig rig)
{
    /// <summary>
    /// Two guests sleep. Then one guest after the other starts and ends, each in its own way, and what is left are the two: they compare
    /// their memory.
    /// </summary>
    /// <param name="ends">The last step of each of the others.</param>
    /// <param name="reasons">What each must count as, separated by spaces. Where a guest's page tables are gone, it is a matter of the
    /// processor who notices.</param>
    [SkippableTheory]
    [InlineData("reset:cf9 reset:keyboard reset:port92 reset:acpi", "reset reset reset reset")]
    [InlineData("triple-fault lost-tables shutdown no-vector", "triple-fault crash|triple-fault shutdown shutdown")]
    public Task Promise7_OneGuestAfterTheOtherEnds_TheOthersKeepTheirSessions(string ends, string reasons)
    {
        IEnumerable<GuestSpec> ending = ends.Split(' ').Select((end, i) => SmallGuest.Of(((char)('c' + i)).ToString(), "check", end));
        MachinePlan plan = rig.Plan(2, [SmallGuest.Of("a", "suspend,suspend,check"), SmallGuest.Of("b", "suspend,check"), .. ending]);
        return rig.DriveAsync(plan, async (small, cancel) =>
        {
            foreach (string reason in reasons.Split(' '))
            {
                LogLine line = await small.NextAsync("a guest to end", line => line.IsStep("switch") && line["reason"] != "s3", cancel);
                Assert.Contains(line["reason"], reason.Split('|'));
            }
        });
    }

    [SkippableFact]
    public Task Promise7_TheLastGuestResets_TheMachineDoes() => Scenario.RunAsync(
        rig.Plan(2, SmallGuest.Of("a", "suspend", "reset:keyboard"), SmallGuest.Of("b", "check")) with
        {
            Expected = MachineExpectations.Reset,
        },
        async (machine, cancel) =>
        {
            var small = new SmallMachine(machine);
            await small.NextAsync("the machine to be reset", line => line.IsStep("reset"), cancel);
            Assert.Equal(EmulatorEnd.Reset, await machine.EndAsync(cancel));
            small.AssertVerdicts(["a", "b"]);
        });
}

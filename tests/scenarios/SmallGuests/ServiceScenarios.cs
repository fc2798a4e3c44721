using System;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>Promise 6, as far as a guest can see it: the firmware's runtime services, for every guest, right and wrong arguments.</summary>
/// <param name="rig">Where they run.</param>
public abstract class ServiceScenarios(TestRig rig)
{
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Promise6_EveryGuestCallsEveryService_BeforeAndAfterSwitches(int cpus) => rig.RunAsync(
        cpus,
        SmallGuest.Of("a", "services,suspend,services,suspend,services"),
        SmallGuest.Of("b", "services,suspend,services"),
        SmallGuest.Of("c", "services,interrupts,check"));

    /// <summary>Promise 7: a firmware that faults costs its services and nobody's session.</summary>
    [SkippableFact]
    public Task Promise7_FirmwareFailsInAService_EveryGuestGoesOnWithoutServices() => RunWithBrokenClockAsync("fault");

    /// <summary>The clock's service fails, and with it all of them.</summary>
    /// <param name="how"><c>fault</c>, <c>wait</c>, <c>halt</c> or <c>loop</c>. All but the first take what the hypervisor grants a
    /// service.</param>
    private protected Task RunWithBrokenClockAsync(string how)
    {
        MachinePlan plan = rig.Plan(
            2,
            SmallGuest.Of("a", "suspend,lost-services,suspend,check"),
            SmallGuest.Of("b", "lost-services,suspend,lost-services,check"));
        plan = plan with { SetupLines = ["broken-clock " + how], Expected = MachineExpectations.Errors };
        return rig.DriveAsync(plan, (small, cancel) => small.NextAsync(
            "the services to be given up", line => line.Text.Contains("failed in a runtime service", StringComparison.Ordinal), cancel));
    }
}

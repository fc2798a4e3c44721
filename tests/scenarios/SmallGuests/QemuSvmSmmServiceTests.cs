using System.Threading.Tasks;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>
/// The scenarios of runtime services on a firmware that writes its variables in System Management Mode, on all CPUs at once.
/// </summary>
public sealed class QemuSvmSmmServiceTests() : ServiceScenarios(TestRig.QemuSvmSmm)
{
    /// <summary>
    /// Guests that call System Management Mode by themselves, 60 times in each step, while their other processors run, halt or have not
    /// been started.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Promise1_GuestsCallSystemManagementMode_AndFindEverythingAsItWas(int cpus) => Scenario.RunAsync(
        TestRig.QemuSvmSmm.Plan(
            cpus,
            SmallGuest.Of("a", "acpi-mode,restart,acpi-mode,interrupts,suspend,acpi-mode,services,suspend,check"),
            SmallGuest.Of("b", "services,acpi-mode,restart,suspend,acpi-mode,interrupts,check")),
        async (machine, cancel) =>
        {
            await new SmallMachine(machine).PowerOffAsync(["a", "b"], cancel);
            Assert.InRange(machine.Hypervisor.Exits()["SMI"], 5 * 60, long.MaxValue);
        });
}

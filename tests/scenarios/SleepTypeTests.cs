using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 1 on machines whose firmware offers no S3: Switcher adds the missing object, since the hardware never sees the request.
/// </summary>
public sealed class SleepTypeTests
{
    [Fact]
    public Task Promise1_FirmwareWithoutS3_GuestsOfferDeepSleepAndSwitch() => Scenario.RunAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull]) { EmulatorArguments = ["-global", "ICH9-LPC.disable_s3=1"] },
        async (machine, cancel) =>
        {
            await new SwitchRounds(machine, machine.Guests, 2, new Quiet()).RunAsync(1, cancel);
            Assert.Equal("s3", (await machine.Hypervisor.StepAsync("acpi", cancel))["synthesized"]);
            Assert.Equal(1, (await machine.Agent("debian-cloud").AskAsync("info", cancel)).Number("deep"));
        });

    /// <summary>
    /// LOW_POWER_S0_IDLE_CAPABLE (ACPI 6.5, table 5.10): with it systems prefer idling to S3, and Windows offers no S3 at all.
    /// </summary>
    [Theory]
    [InlineData("0", "")]
    [InlineData("1", "s3")]
    public Task Promise1_FirmwareThatAsksForLowPowerS0_GuestsOfferDeepSleepAndSwitch(string disableS3, string synthesized)
        => Scenario.RunAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull])
        {
            SetupLines = ["fadt-flags 200000"],
            EmulatorArguments = ["-global", $"ICH9-LPC.disable_s3={disableS3}"],
        },
        async (machine, cancel) =>
        {
            await new SwitchRounds(machine, machine.Guests, 2, new Quiet()).RunAsync(1, cancel);
            Assert.Equal(synthesized, (await machine.Hypervisor.StepAsync("acpi", cancel))["synthesized"]);
            Assert.Equal(1, (await machine.Agent("debian-cloud").AskAsync("info", cancel)).Number("deep"));
        });
}

using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>Promise 1 on machines whose firmware offers no S3: Switcher adds the missing object, since the hardware never sees the request.</summary>
public sealed class SleepTypeTests
{
    [Fact]
    public Task Promise1_FirmwareWithoutS3_GuestsOfferDeepSleepAndSwitch() => Scenario.RunAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull]) { EmulatorArguments = ["-global", "ICH9-LPC.disable_s3=1"] },
        async (machine, cancel) =>
        {
            await new SwitchRounds(machine, machine.Guests, 2, new Quiet()).RunAsync(1, cancel);
            Assert.Equal(1, (await machine.Agent("debian-cloud").AskAsync("info", cancel)).Number("deep"));
        });
}

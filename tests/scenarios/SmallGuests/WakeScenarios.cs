using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>
/// Promise 8: there is no state from which a system cannot be brought back. With nobody to switch to, S3 is an ordinary sleep.
/// </summary>
/// <param name="rig">Where they run.</param>
public abstract class WakeScenarios(TestRig rig)
{
    private const int PowerButton = 1 << 8;
    private const int Alarm = 1 << 10;

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Promise8_NobodyToSwitchTo_ThePowerButtonWakes(int cpus)
    {
        Skip.IfNot(rig.HasPowerButton, $"{rig} has no power button that a test can press");
        MachinePlan plan = rig.Plan(cpus, SmallGuest.Of("a", "suspend,suspend,suspend:mess"), SmallGuest.Of("b", "check"));
        return rig.DriveAsync(plan, async (small, cancel) =>
        {
            await small.AwakeAsync("a", cancel);
            for (int i = 0; i < 2; i++)
            {
                await small.NextAsync("the machine to sleep", line => line.Is("INFO", "sleep"), cancel);
                await small.Machine.Emulator.PressPowerButtonAsync(cancel);
                LogLine wake = await small.NextAsync("the machine to wake", line => line.Is("INFO", "wake"), cancel);
                Assert.Equal("power-button", wake["reason"]);
                LogLine awake = await small.AwakeAsync("a", cancel);
                Assert.Equal(PowerButton, awake.Number("pm1") & PowerButton);
            }
        });
    }

    [SkippableFact]
    public Task Promise8_NobodyToSwitchTo_TheClockWakes() => rig.DriveAsync(
        rig.Plan(2, SmallGuest.Of("a", "suspend,suspend:alarm"), SmallGuest.Of("b", "check")),
        async (small, cancel) =>
        {
            await small.AwakeAsync("a", cancel);
            LogLine wake = await small.NextAsync("the machine to wake", line => line.Is("INFO", "wake"), cancel);
            Assert.Equal("rtc", wake["reason"]);
            LogLine awake = await small.AwakeAsync("a", cancel);
            Assert.Equal(Alarm, awake.Number("pm1") & Alarm);
        });
}

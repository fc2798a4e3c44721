using System.Threading.Tasks;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>
/// Promise 2: a suspended guest's memory is bit for bit what it was, whatever the others did meanwhile. Each guest compares all of its
/// memory after the wakes, and looks at the state in which it finds processors, interrupt controllers and devices.
/// </summary>
/// <param name="rig">Where they run.</param>
public abstract class MemoryScenarios(TestRig rig)
{
    /// <summary>SLP_EN by a byte, a doubleword, and a doubleword that begins two bytes before the register.</summary>
    private const string Widths = "suspend:bytes:quick,suspend:dword:quick,suspend:early:quick";

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(TestRig.MostCpus)]
    public Task Promise2_TwoGuestsSwitchedManyTimes_KeepTheirMemory(int cpus) => rig.RunAsync(
        cpus, SmallGuest.Of("a", $"suspend,disk,{Widths},suspend,disk"), SmallGuest.Of("b", $"disk,suspend,{Widths},disk,suspend"));

    /// <summary>Here SLP_EN comes from another processor than the one that wakes.</summary>
    [SkippableFact]
    public Task Promise2_ThreeGuests_KeepTheirMemory() => rig.RunAsync(
        2,
        SmallGuest.Of("a", "suspend:ap", rounds: 3),
        SmallGuest.Of("b", "suspend", rounds: 3),
        SmallGuest.Of("c", "suspend:ap", rounds: 3));

    private const string Messes = "suspend:mess:quick,suspend:mess:quick,suspend:mess:quick,suspend:mess";

    /// <summary>Timers that run on, interrupts on their way, processors at work: the next guest must see nothing of it.</summary>
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(TestRig.MostCpus)]
    public Task Promise2_GuestThatLeavesEverythingRunning_DisturbsNobody(int cpus) =>
        rig.RunAsync(cpus, SmallGuest.Of("a", Messes), SmallGuest.Of("b", Messes));
}

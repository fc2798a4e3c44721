using System.Threading.Tasks;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>
/// Promise 5, as far as a guest can see it: interrupts between processors arrive exactly once, and starting and stopping processors in any
/// order leaves none of them outside the hypervisor.
/// </summary>
/// <param name="rig">Where they run.</param>
public abstract class CpuScenarios(TestRig rig)
{
    private const string Interrupts = "nmi,ipi";
    private const string Starts = "restart,init-storm,restart";

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(TestRig.MostCpus)]
    public Task Promise5_InterruptsAndStartsBetweenProcessors_AreNativeAndLeaveNoneOutside(int cpus) => rig.RunAsync(
        cpus,
        SmallGuest.Of("a", $"{Interrupts},{Starts},suspend,{Interrupts},{Starts}"),
        SmallGuest.Of("b", $"{Starts},{Interrupts},suspend,{Interrupts}"));

    [SkippableFact]
    public Task Promise5_X2ApicMode_IsNativeAndLeavesNoneOutside() => rig.WithX2Apic.RunAsync(
        2, SmallGuest.Of("a", $"suspend,x2apic,{Interrupts},{Starts}"), SmallGuest.Of("b", "check"));

    [SkippableFact]
    public Task Promise5_X2ApicMode_IsGoneAfterASwitch()
    {
        Skip.IfNot(rig.CanLeaveX2Apic, $"{rig} cannot enable a local APIC that was disabled, which is the way out of x2APIC mode");
        return rig.WithX2Apic.RunAsync(2, SmallGuest.Of("a", "x2apic,suspend,ipi,x2apic,nmi"), SmallGuest.Of("b", "suspend,x2apic,nmi"));
    }
}

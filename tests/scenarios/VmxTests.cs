using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>Debian's kernels on an Intel CPU, in Bochs, whose firmware leaves IA32_FEATURE_CONTROL unlocked.</summary>
public sealed class VmxTests
{
    private static readonly GuestSpec[] s_two = [GuestSpec.DebianCloud, GuestSpec.DebianFull];

    /// <summary>The firmware of a real machine locks VMX, on or off.</summary>
    [Fact]
    public Task Promises1And2_TwoKernelsWhereVmxIsLockedOn_KeepMemoryAndFiles() => Scenario.RunAsync(
        new MachinePlan(s_two, 2, 1024) { Emulator = EmulatorKind.Bochs, SetupLines = ["msr all 3A 5"] },
        async (machine, cancel) =>
        {
            await new SwitchRounds(machine, machine.Guests, 2, new Quiet()).RunAsync(1, cancel);
            Assert.Equal("vmx", (await machine.Hypervisor.StepAsync("launch", cancel))["backend"]);
        });

    /// <summary>All CPUs but one are launched already when that one refuses; they are given back.</summary>
    [Fact]
    public Task Promise9_VmxLockedOffOnOneCpu_SaysSoAndBootsNativelyOnAll() => Scenario.RunAsync(
        new MachinePlan(s_two, 3, 1024)
        {
            Emulator = EmulatorKind.Bochs,
            SetupLines = ["msr 1 3A 1"],
            Expected = MachineExpectations.Refusal,
        },
        (machine, cancel) => machine.AssertRefusedAsync(
            MachineSteps.Exactly("virtualization is switched off: enable SVM (AMD) or VT-x (Intel) in the firmware setup"),
            "firmware config acpi memory", 3, cancel));
}

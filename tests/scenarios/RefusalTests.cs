using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>Promise 9: if anything needed is missing, Switcher says exactly what, and boots the first system natively.</summary>
public sealed class RefusalTests
{
    private static readonly GuestSpec[] s_two = [GuestSpec.DebianCloud, GuestSpec.DebianFull];

    [Theory]
    [InlineData("EPYC,-svm", "neither AMD SVM nor Intel VMX")]
    [InlineData("EPYC,+svm,-npt", "no nested paging")]
    public Task Promise9_CpuLacksWhatIsNeeded_SaysWhatAndBootsNatively(string cpu, string reason) =>
        AssertRefusedAsync(new MachinePlan(s_two) { CpuModel = cpu }, reason);

    [Fact]
    public Task Promise9_TooLittleMemory_SaysSoAndBootsNatively() => AssertRefusedAsync(new MachinePlan(s_two, 2, 448), "memory");

    [Fact]
    public Task Promise9_NoAcpiTables_SaysSoAndBootsNatively() =>
        AssertRefusedAsync(new MachinePlan(s_two) { EmulatorArguments = ["-machine", "acpi=off"] }, "ACPI");

    [Fact]
    public Task Promise9_HardwareReducedAcpi_SaysSoAndBootsNatively() =>
        AssertRefusedAsync(new MachinePlan(s_two) { SetupLines = ["fadt-flags 100000"] }, "hardware-reduced");

    [Fact]
    public Task Promise9_LoaderMissing_SaysSoAndBootsNatively() =>
        AssertRefusedAsync(new MachinePlan(s_two) { SetupLines = [@"boot 0002 ""debian"" \EFI\debian\missing.efi"] }, "missing");

    [Fact]
    public Task Promise9_LoaderReturnsAnError_HypervisorLeavesAndTheFirstSystemBootsNatively() =>
        AssertRefusedAsync(new MachinePlan(s_two) { Adjust = WithoutInitrd }, "debian");

    [Fact]
    public Task Promise9_BadConfiguration_IsReportedAndTheDefaultsHold() => Scenario.RunAsync(
        new MachinePlan(s_two)
        {
            SetupLines = ["guest 0002 memory=lots", "guest 0002 colour=blue", "variable SwitcherTimeout 01 02 03"],
        },
        async (machine, cancel) =>
        {
            await new SwitchRounds(machine, machine.Guests, 2, new Quiet()).RunAsync(1, cancel);
            Assert.True(CountWarnings(machine) >= 3, "each bad value has a WARN line");
        });

    /// <summary>The kernel's loader finds no initial RAM disk where its options say that there is one, and gives up.</summary>
    private static IReadOnlyList<Guest> WithoutInitrd(IReadOnlyList<Guest> guests) =>
        [guests[0], guests[1] with { Settings = [], Options = @"initrd=\nowhere" }];

    private static Task AssertRefusedAsync(MachinePlan plan, string reason) => Scenario.RunAsync(
        plan with { Expected = MachineExpectations.Refusal },
        (machine, cancel) => machine.RefusedAsync(reason, cancel));

    private static int CountWarnings(Machine machine)
    {
        int count = 0;
        foreach (Timed<LogLine> line in machine.Hypervisor.Events.Snapshot())
            count += line.Value.Kind == "WARN" ? 1 : 0;
        return count;
    }
}

using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>Promise 9: if anything needed is missing, Switcher says exactly what, and boots the first system natively.</summary>
public sealed class RefusalTests
{
    private static readonly GuestSpec[] s_two = [GuestSpec.DebianCloud, GuestSpec.DebianFull];

    // What Switcher does until it looks at a thing. Nothing runs under a hypervisor before the step "launch".
    private const string Configured = "firmware config";
    private const string TablesRead = Configured + " acpi";
    private const string Launched = TablesRead + " memory launch chain-load";

    [Theory]
    [InlineData("EPYC,-svm", "this CPU has neither AMD SVM nor Intel VMX")]
    [InlineData("EPYC,+svm,-npt", "this CPU has no nested paging (AMD NPT, Intel EPT)")]
    public Task Promise9_CpuLacksWhatIsNeeded_SaysWhatAndBootsNatively(string cpu, string reason) =>
        AssertRefusedAsync(new MachinePlan(s_two) { CpuModel = cpu }, reason, Configured);

    /// <summary>Of what there is, firmware and Switcher itself take some MiB more or less.</summary>
    [Fact]
    public Task Promise9_TooLittleMemory_SaysSoAndBootsNatively() => AssertRefusedAsync(
        new MachinePlan(s_two, 2, 448),
        new Regex(@"^too little memory \(3[0-9]{2} MiB, needed 384 MiB\)$"), TablesRead);

    /// <summary>Without tables Linux finds no second CPU, and no way to power the machine off.</summary>
    [Fact]
    public Task Promise9_NoAcpiTables_SaysSoAndBootsNatively() => Scenario.RunAsync(
        new MachinePlan(s_two, 1)
        {
            EmulatorArguments = ["-machine", "acpi=off"],
            Expected = MachineExpectations.Refusal | MachineExpectations.Reset,
        },
        (machine, cancel) => machine.AssertRefusedAsync(
            MachineSteps.Exactly("the firmware has no ACPI tables"), Configured, 1, cancel, "reboot kbd"));

    [Fact]
    public Task Promise9_HardwareReducedAcpi_SaysSoAndBootsNatively() => AssertRefusedAsync(
        new MachinePlan(s_two) { SetupLines = ["fadt-flags 100000"] }, "this machine is hardware-reduced ACPI, which has no S3",
        Configured);

    [Fact]
    public Task Promise9_LoaderMissing_SaysSoAndBootsNatively() => AssertRefusedAsync(
        new MachinePlan(s_two) { SetupLines = [@"boot 0002 ""debian"" \EFI\debian\missing.efi"] }, "the loader of debian is missing",
        Configured);

    [Fact]
    [Trait("Lane", "fast")]
    public Task Promise9_LoaderReturnsAnError_HypervisorLeavesAndTheFirstSystemBootsNatively() => AssertRefusedAsync(
        new MachinePlan(s_two) { Adjust = WithoutInitrd }, "the loader of debian returned status 0x800000000000000e", Launched);

    [Fact]
    public Task Promise9_BadConfiguration_IsReportedAndTheDefaultsHold() => Scenario.RunAsync(
        new MachinePlan(s_two)
        {
            SetupLines = ["guest 0002 memory=lots", "guest 0002 colour=blue", "variable SwitcherTimeout 01 02 03"],
        },
        async (machine, cancel) =>
        {
            await new SwitchRounds(machine, machine.Guests, 2, new Quiet()).RunAsync(1, cancel);
            Assert.Equal(
                [
                    "WARN SwitcherTimeout: not a UINT16, the default is used",
                    "WARN SwitcherGuest0002: memory is neither 1% to 100% nor a number with M or G",
                    "WARN SwitcherGuest0002: unknown key",
                ],
                Warnings(machine));
        });

    /// <summary>The kernel's loader finds no initial RAM disk where its options say that there is one, and gives up.</summary>
    private static IReadOnlyList<Guest> WithoutInitrd(IReadOnlyList<Guest> guests) =>
        [guests[0], guests[1] with { Settings = [], Options = @"initrd=\nowhere" }];

    private static Task AssertRefusedAsync(MachinePlan plan, string reason, string steps) =>
        AssertRefusedAsync(plan, MachineSteps.Exactly(reason), steps);

    private static Task AssertRefusedAsync(MachinePlan plan, Regex reason, string steps) => Scenario.RunAsync(
        plan with { Expected = MachineExpectations.Refusal },
        (machine, cancel) => machine.AssertRefusedAsync(reason, steps, plan.Cpus, cancel));

    /// <summary>Without the place in the text, which depends on how the set-up program writes it.</summary>
    private static IEnumerable<string> Warnings(Machine machine) => machine.Hypervisor.Events.Snapshot()
        .Select(entry => entry.Value).Where(line => line.Kind == "WARN").Select(line => Regex.Replace(line.Text, " at=[0-9]+$", ""));
}

using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>An emulator with a CPU on which the small guests' scenarios run. The scenarios themselves know nothing of it.</summary>
/// <param name="name">As it reads in a message.</param>
/// <param name="adapt">Puts the machine on this rig.</param>
public sealed class TestRig(string name, Func<MachinePlan, MachinePlan> adapt)
{
    /// <summary>Switcher gives no guest less than 192 MiB; and what is little is filled and compared in no time.</summary>
    private const int MiBOfEach = 196;

    /// <summary>
    /// The most CPUs that all rigs can have: in Bochs 3.0 a start-up interrupt to everybody ends at the first processor under VMX that
    /// takes it, and firmware sends two.
    /// </summary>
    public const int MostCpus = 3;

    /// <summary>QEMU's translator with AMD SVM.</summary>
    public static TestRig QemuSvm { get; } = OfQemu("EPYC,+svm,+npt");

    /// <summary>The same with a firmware whose variables are behind System Management Mode.</summary>
    public static TestRig QemuSvmSmm { get; } = new("QEMU with SMM", plan => plan with { HasSmm = true }) { MiBOfOthers = 224 };

    /// <summary>Bochs with AMD SVM. The guest in it can set CR0.PG without CR0.PE, which is what VMRUN can, and not MOV.</summary>
    public static TestRig BochsSvm { get; } = OfBochs("ryzen", "cr4");

    /// <summary>Bochs with Intel VMX.</summary>
    public static TestRig BochsVmx { get; } = OfBochs("corei7_skylake_x");

    /// <summary>The same rig with x2APIC, where its usual CPU model has not got it.</summary>
    public TestRig WithX2Apic => this == QemuSvm ? OfQemu("EPYC,+svm,+npt,+x2apic") : this;

    /// <summary>For the firmware and for Switcher itself.</summary>
    private int MiBOfOthers { get; init; } = 96;

    /// <summary>Whether a test can press the machine's power button.</summary>
    public bool HasPowerButton { get; private init; }

    /// <summary>Whether a local APIC can go from x2APIC mode back to xAPIC mode.</summary>
    public bool CanLeaveX2Apic { get; private init; }

    /// <summary>The steps that try everything that a guest must not be able to do.</summary>
    public string Misbehaviour => $"virtualization,cpuid,msr,control{RefusedControls},apic-base,string-io,nonsense-sleep";

    /// <summary>
    /// The control registers whose reserved bits this emulator refuses, as every real processor does, each behind a colon.
    /// </summary>
    private string RefusedControls { get; init; } = "";

    /// <summary>QEMU with some CPU model. It takes reserved bits.</summary>
    public static TestRig OfQemu(string model) =>
        new($"QEMU with {model}", plan => plan with { CpuModel = model }) { HasPowerButton = true, CanLeaveX2Apic = true };

    /// <summary>Bochs with some CPU model.</summary>
    /// <param name="refusedControls">The control registers whose reserved bits it refuses.</param>
    public static TestRig OfBochs(string model, string refusedControls = "cr0:cr4") =>
        new($"Bochs with {model}", plan => plan with { Emulator = EmulatorKind.Bochs, CpuModel = model })
        {
            RefusedControls = ":" + refusedControls,
        };

    public override string ToString() => name;

    /// <summary>A machine for some guests, the first of which starts first.</summary>
    public MachinePlan Plan(int cpus, params GuestSpec[] guests) =>
        adapt(new MachinePlan(guests, cpus, MiBOfOthers + (guests.Length * MiBOfEach)));

    /// <summary>
    /// Runs guests whose scripts need nobody, until the last one powers the machine off; all must have given a good verdict.
    /// </summary>
    internal Task RunAsync(int cpus, params GuestSpec[] guests) => DriveAsync(Plan(cpus, guests), (_, _) => Task.CompletedTask);

    /// <summary>The same, with something to do meanwhile.</summary>
    internal Task DriveAsync(MachinePlan plan, Func<SmallMachine, CancellationToken, Task> drive) => Scenario.RunAsync(
        plan,
        async (machine, cancel) =>
        {
            var small = new SmallMachine(machine);
            await drive(small, cancel);
            await small.PowerOffAsync(plan.Guests.Select(guest => guest.Name), cancel);
        });
}

using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>An emulator with a CPU on which the small guests' scenarios run. The scenarios themselves know nothing of it.</summary>
/// <param name="name">As it reads in a message.</param>
/// <param name="adapt">Puts the machine on this rig.</param>
public sealed class TestRig(string name, Func<MachinePlan, MachinePlan> adapt)
{
    /// <summary>Enough for Switcher, which gives no guest less than 192 MiB, and little enough to be filled and compared in no time.</summary>
    private const int MemoryMiBOfEach = 256;

    /// <summary>QEMU's translator with AMD SVM.</summary>
    public static TestRig QemuSvm { get; } = new("QEMU with SVM", plan => plan);

    /// <summary>The same rig with x2APIC, where its usual CPU model has not got it.</summary>
    public TestRig WithX2Apic => this == QemuSvm ? QemuSvmOf("EPYC,+svm,+npt,+x2apic") : this;

    /// <summary>The steps that try everything that a guest must not be able to do.</summary>
    public string Misbehaviour => $"virtualization,cpuid,msr,{(KnowsReservedBits ? "control:reserved" : "control")},apic-base,string-io,nonsense-sleep";

    /// <summary>Whether the emulated processor refuses reserved bits in CR0 and CR4, as real ones do; QEMU's takes some.</summary>
    public bool KnowsReservedBits { get; private init; }

    /// <summary>QEMU with another CPU model.</summary>
    public static TestRig QemuSvmOf(string model) => new($"QEMU with {model}", plan => plan with { CpuModel = model });

    public override string ToString() => name;

    /// <summary>A machine for some guests, the first of which starts first.</summary>
    public MachinePlan Plan(int cpus, params GuestSpec[] guests) => adapt(new MachinePlan(guests, cpus, guests.Length * MemoryMiBOfEach));

    /// <summary>Runs guests whose scripts need nobody, until the last one powers the machine off; all must have given a good verdict.</summary>
    internal Task RunAsync(int cpus, params GuestSpec[] guests) => DriveAsync(Plan(cpus, guests), (_, _) => Task.CompletedTask);

    /// <summary>The same, with something to do meanwhile.</summary>
    internal Task DriveAsync(MachinePlan plan, Func<SmallMachine, CancellationToken, Task> drive) => Scenario.RunAsync(plan, async (machine, cancel) =>
    {
        var small = new SmallMachine(machine);
        await drive(small, cancel);
        await small.PowerOffAsync(plan.Guests.Select(guest => guest.Name), cancel);
    });
}

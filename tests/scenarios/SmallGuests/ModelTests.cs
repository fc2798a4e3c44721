using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>
/// Other CPU models than the rigs' own: a little of everything on those that have all that Switcher needs, promise 9 on the others.
/// </summary>
public sealed class ModelTests
{
    /// <summary>
    /// Without pages of 1 GiB in nested page tables and without INVPCID (Ivy Bridge); with ever more of what a hypervisor can choose to
    /// use.
    /// </summary>
    [SkippableTheory]
    [InlineData("corei7_ivy_bridge_3770k")]
    [InlineData("corei7_haswell_4770")]
    public Task BochsModel_HasWhatIsNeeded_PassesALittleOfEverything(string model) => RunALittleOfEverythingAsync(TestRig.OfBochs(model));

    /// <summary>The one with the most.</summary>
    [SkippableFact]
    [Trait("Lane", "fast")]
    public Task BochsModel_HasEverything_PassesALittleOfEverything() => RunALittleOfEverythingAsync(TestRig.OfBochs("tigerlake"));

    /// <summary>Without XSAVE, AVX, RDTSCP and pages of 1 GiB.</summary>
    [SkippableFact]
    [Trait("Lane", "fast")]
    public Task QemuModel_HasWhatIsNeeded_PassesALittleOfEverything() => RunALittleOfEverythingAsync(TestRig.OfQemu("qemu64,+svm,+npt"));

    [SkippableTheory]
    [InlineData("corei5_lynnfield_750", "this CPU has no unrestricted guest mode", "vmx")]
    [InlineData("core2_penryn_t9600", "this CPU has no nested paging (AMD NPT, Intel EPT)", "vmx")]
    public Task Promise9_BochsModelLacksWhatIsNeeded_SaysWhatAndBootsNatively(string model, string missing, string extension) =>
        AssertRefusedAsync(TestRig.OfBochs(model), missing, extension);

    [SkippableTheory]
    [InlineData("EPYC,-svm", "this CPU has neither AMD SVM nor Intel VMX", "none")]
    [InlineData("EPYC,+svm,-npt", "this CPU has no nested paging (AMD NPT, Intel EPT)", "svm")]
    public Task Promise9_QemuModelLacksWhatIsNeeded_SaysWhatAndBootsNatively(string model, string missing, string extension) =>
        AssertRefusedAsync(TestRig.OfQemu(model), missing, extension);

    private static Task RunALittleOfEverythingAsync(TestRig rig) => rig.RunAsync(
        2,
        SmallGuest.Of("a", $"{rig.Misbehaviour},disk,suspend,nmi,ipi,init-storm,suspend:mess"),
        SmallGuest.Of("b", $"suspend:ap,{rig.Misbehaviour},suspend,restart,x2apic"),
        SmallGuest.Of("c", "check", "triple-fault"));

    /// <param name="extension">What a guest sees of the processor's virtualization: what the processor has, and no hypervisor
    /// hides.</param>
    private static Task AssertRefusedAsync(TestRig rig, string missing, string extension) => Scenario.RunAsync(
        rig.Plan(2, SmallGuest.Of("a", "disk,interrupts,check"), SmallGuest.Of("b", "check")) with
        {
            Expected = MachineExpectations.Refusal,
        },
        async (machine, cancel) =>
        {
            var small = new SmallMachine(machine);
            LogLine refused = await small.NextAsync("the refusal", line => line.IsStep("refused"), cancel);
            Assert.Equal(missing, refused["reason"]);
            Assert.Equal("a", (await small.NextAsync("the first system", line => line.IsStep("native"), cancel))["name"]);
            LogLine ready = await small.NextAsync("the first system to be ready", line => line.Is("GUEST", "ready"), cancel);
            Assert.Equal(extension, ready["extension"]);
            await small.NativePowerOffAsync("a", cancel);
            Assert.Equal("firmware config refused native", machine.Steps());
        });
}

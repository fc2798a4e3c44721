using System.Threading.Tasks;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

// The scenarios on QEMU with AMD SVM.

public sealed class QemuSvmMemoryTests() : MemoryScenarios(TestRig.QemuSvm);

public sealed class QemuSvmIsolationTests() : IsolationScenarios(TestRig.QemuSvm);

public sealed class QemuSvmCpuTests() : CpuScenarios(TestRig.QemuSvm);

public sealed class QemuSvmEndTests() : EndScenarios(TestRig.QemuSvm);

public sealed class QemuSvmServiceTests() : ServiceScenarios(TestRig.QemuSvm)
{
    /// <summary>A firmware that waits or loops for ever: a minute, also of the test.</summary>
    [SkippableTheory]
    [InlineData("wait")]
    [InlineData("loop")]
    public Task Promise7_FirmwareNeverComesBackFromAService_EveryGuestGoesOnWithoutServices(string how) => RunWithBrokenClockAsync(how);
}

public sealed class QemuSvmWakeTests() : WakeScenarios(TestRig.QemuSvm);

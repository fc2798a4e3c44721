using System.Threading.Tasks;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

// The scenarios on Bochs with Intel VMX.

public sealed class BochsVmxMemoryTests() : MemoryScenarios(TestRig.BochsVmx);

public sealed class BochsVmxIsolationTests() : IsolationScenarios(TestRig.BochsVmx);

public sealed class BochsVmxCpuTests() : CpuScenarios(TestRig.BochsVmx);

public sealed class BochsVmxEndTests() : EndScenarios(TestRig.BochsVmx);

public sealed class BochsVmxServiceTests() : ServiceScenarios(TestRig.BochsVmx)
{
    /// <summary>A firmware that halts for ever, or does nothing for ever: a minute of the machine.</summary>
    [SkippableTheory]
    [InlineData("halt")]
    [InlineData("loop")]
    public Task Promise7_FirmwareNeverComesBackFromAService_EveryGuestGoesOnWithoutServices(string how) => RunWithBrokenClockAsync(how);
}

public sealed class BochsVmxWakeTests() : WakeScenarios(TestRig.BochsVmx);

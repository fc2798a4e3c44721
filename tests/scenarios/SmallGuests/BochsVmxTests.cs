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
    /// <summary>A firmware that halts for ever: a minute of the machine.</summary>
    [SkippableFact]
    public Task Promise7_FirmwareNeverComesBackFromAService_EveryGuestGoesOnWithoutServices() => RunWithBrokenClockAsync("halt");
}

public sealed class BochsVmxWakeTests() : WakeScenarios(TestRig.BochsVmx);

namespace Switcher.Tests.Scenarios.SmallGuests;

// The scenarios on Bochs with AMD SVM.

public sealed class BochsSvmMemoryTests() : MemoryScenarios(TestRig.BochsSvm);

public sealed class BochsSvmIsolationTests() : IsolationScenarios(TestRig.BochsSvm);

public sealed class BochsSvmCpuTests() : CpuScenarios(TestRig.BochsSvm);

public sealed class BochsSvmEndTests() : EndScenarios(TestRig.BochsSvm);

public sealed class BochsSvmServiceTests() : ServiceScenarios(TestRig.BochsSvm);

public sealed class BochsSvmWakeTests() : WakeScenarios(TestRig.BochsSvm);

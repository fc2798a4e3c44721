namespace Switcher.Tests.Scenarios.SmallGuests;

// The scenarios on QEMU with AMD SVM.

public sealed class QemuSvmMemoryTests() : MemoryScenarios(TestRig.QemuSvm);

public sealed class QemuSvmIsolationTests() : IsolationScenarios(TestRig.QemuSvm);

public sealed class QemuSvmCpuTests() : CpuScenarios(TestRig.QemuSvm);

public sealed class QemuSvmEndTests() : EndScenarios(TestRig.QemuSvm);

public sealed class QemuSvmServiceTests() : ServiceScenarios(TestRig.QemuSvm);

public sealed class QemuSvmWakeTests() : WakeScenarios(TestRig.QemuSvm);

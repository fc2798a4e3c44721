using Switcher.Tests.Scenarios.SmallGuests;
using Xunit.Abstractions;

namespace Switcher.Tests.Scenarios.Flash;

/// <summary>
/// The reclaim of the ordinary firmware. It repairs the store from the spare block after its driver of variables has read it, and what that
/// driver changes then is where variables were before.
/// </summary>
public sealed class ReclaimTests(ITestOutputHelper output) : ReclaimScenarios(TestRig.QemuSvm, readsJournalFirst: false, output);

/// <summary>
/// That of the firmware that looks at the journal before anybody reads a variable. But if the store has no header, since a write in place
/// begins with erasing it, its driver of the flash formats everything, with journal and spare block.
/// </summary>
public sealed class ReclaimSmmTests(ITestOutputHelper output) : ReclaimScenarios(TestRig.QemuSvmSmm, readsJournalFirst: true, output);

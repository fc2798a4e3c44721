using System;

namespace Switcher.Runner.Drive;

/// <summary>What a run expected of the machine did not happen. The message is one line that says what.</summary>
public sealed class MachineFailure(string message) : Exception(message);

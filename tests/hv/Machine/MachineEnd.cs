using System;

namespace Switcher.Tests.Hv.Machine;

/// <summary>What became of a <see cref="FakeMachine"/>.</summary>
internal enum MachineEnd
{
    Running,
    PoweredOff,
    Reset,

    /// <summary>The hardware saw a request for S3: all CPUs' state would be gone, the hypervisor's too.</summary>
    ReallySlept,
}

/// <summary>Ends a CPU's thread: the machine has no power, or the test is over.</summary>
internal sealed class MachineEndedException : Exception
{
}

using System;

namespace Switcher.Runner.Drive;

/// <summary>What a machine may do without that being a failure: for tests of just that.</summary>
[Flags]
public enum MachineExpectations
{
    None = 0,

    /// <summary>The hypervisor may report errors, for example of bad configuration values.</summary>
    Errors = 1,

    /// <summary>The machine may end by resetting itself.</summary>
    Reset = 2,

    /// <summary>Switcher may refuse the machine and start the first system natively.</summary>
    Refusal = 4,

    /// <summary>A guest's kernel may panic.</summary>
    GuestCrash = 8,
}

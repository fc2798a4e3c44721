namespace Switcher.Tests.Hv.Machine;

/// <summary>What kind of machine a <see cref="FakeMachine"/> is.</summary>
internal sealed record MachineOptions
{
    public int Cpus { get; init; } = 2;

    public int Guests { get; init; } = 2;

    /// <summary>The CPU tells where the next instruction is; otherwise the hypervisor has to decode.</summary>
    public bool HasNextRipSave { get; init; }

    /// <summary>The CPU has Intel's extension, with the capabilities of one of the <see cref="VmxModels"/>; none means AMD's.</summary>
    public string? VmxModel { get; init; }

    /// <summary>PM1b blocks beside PM1a.</summary>
    public bool HasPm1b { get; init; }

    /// <summary>SLP_EN does nothing but call System Management Mode, which then switches the machine off.</summary>
    public bool HasTrappedSleep { get; init; }

    /// <summary>PM1a's sleep types are all 0; PM1b's are 5, 6 and 7.</summary>
    public bool HasTypesInPm1bOnly { get; init; }
}

using System;

namespace Switcher.Acpi;

/// <summary>
/// Those fixed feature flags of the FADT that matter here (ACPI 6.5, table 5.10 "Fixed ACPI Description Table Fixed Feature Flags").
/// </summary>
[Flags]
public enum FadtFlags : uint
{
    ResetRegSup = 1u << 10,
    HwReducedAcpi = 1u << 20,
    LowPowerS0IdleCapable = 1u << 21,
}

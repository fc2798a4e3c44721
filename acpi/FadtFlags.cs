using System;

namespace Switcher.Acpi;

/// <summary>Fixed feature flags of the FADT (ACPI 6.5, table 5.10 "Fixed ACPI Description Table Fixed Feature Flags").</summary>
[Flags]
public enum FadtFlags : uint
{
    Wbinvd = 1u << 0,
    WbinvdFlush = 1u << 1,
    ProcC1 = 1u << 2,
    PLvl2Up = 1u << 3,
    PwrButton = 1u << 4,
    SlpButton = 1u << 5,
    FixRtc = 1u << 6,
    RtcS4 = 1u << 7,
    TmrValExt = 1u << 8,
    DckCap = 1u << 9,
    ResetRegSup = 1u << 10,
    SealedCase = 1u << 11,
    Headless = 1u << 12,
    CpuSwSlp = 1u << 13,
    PciExpWak = 1u << 14,
    UsePlatformClock = 1u << 15,
    S4RtcStsValid = 1u << 16,
    RemotePowerOnCapable = 1u << 17,
    ForceApicClusterModel = 1u << 18,
    ForceApicPhysicalDestinationMode = 1u << 19,
    HwReducedAcpi = 1u << 20,
    LowPowerS0IdleCapable = 1u << 21,
}

using System;

namespace Switcher.Hv.Vmx.Definitions;

/// <summary>SDM vol. 3, 25.6.1 "Pin-Based VM-Execution Controls", table 25-5.</summary>
[Flags]
public enum PinControls : uint
{
    None = 0,
    ExternalInterruptExiting = 1 << 0,
    NmiExiting = 1 << 3,
    VirtualNmis = 1 << 5,
    ActivatePreemptionTimer = 1 << 6,
}

/// <summary>SDM vol. 3, 25.6.2 "Processor-Based VM-Execution Controls", table 25-6.</summary>
[Flags]
public enum PrimaryControls : uint
{
    None = 0,
    HltExiting = 1 << 7,
    Cr3LoadExiting = 1 << 15,
    Cr3StoreExiting = 1 << 16,
    NmiWindowExiting = 1 << 22,
    UseIoBitmaps = 1 << 25,
    UseMsrBitmaps = 1 << 28,
    PauseExiting = 1 << 30,
    ActivateSecondaryControls = 1u << 31,
}

/// <summary>SDM vol. 3, 25.6.2 "Processor-Based VM-Execution Controls", table 25-7.</summary>
[Flags]
public enum SecondaryControls : uint
{
    None = 0,
    EnableEpt = 1 << 1,
    EnableRdtscp = 1 << 3,
    EnableVpid = 1 << 5,
    UnrestrictedGuest = 1 << 7,
    EnableInvpcid = 1 << 12,
    EnableXsaves = 1 << 20,
    EnableUserWaitAndPause = 1 << 26,
}

/// <summary>SDM vol. 3, 25.7.1 "VM-Exit Controls", table 25-13.</summary>
[Flags]
public enum ExitControls : uint
{
    None = 0,
    SaveDebugControls = 1 << 2,
    HostAddressSpaceSize = 1 << 9,
    SavePat = 1 << 18,
    LoadPat = 1 << 19,
    SaveEfer = 1 << 20,
    LoadEfer = 1 << 21,
}

/// <summary>SDM vol. 3, 25.8.1 "VM-Entry Controls", table 25-15.</summary>
[Flags]
public enum EntryControls : uint
{
    None = 0,
    LoadDebugControls = 1 << 2,
    Ia32eModeGuest = 1 << 9,
    LoadPat = 1 << 14,
    LoadEfer = 1 << 15,
}

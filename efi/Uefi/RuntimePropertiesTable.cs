using System;
using System.Runtime.InteropServices;

namespace Switcher.Efi.Uefi;

/// <summary>EFI_RT_PROPERTIES_TABLE: UEFI 2.10, section 4.6.2 "EFI_RT_PROPERTIES_TABLE".</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RuntimePropertiesTable
{
    public const ushort CurrentVersion = 1;

    public ushort Version;
    public ushort Length;

    /// <summary>The runtime services that work after ExitBootServices.</summary>
    public SupportedServices RuntimeServicesSupported;
}

/// <summary>EFI_RT_SUPPORTED_*: UEFI 2.10, section 4.6.2 "EFI_RT_PROPERTIES_TABLE".</summary>
[Flags]
internal enum SupportedServices : uint
{
    GetTime = 0x1,
    SetTime = 0x2,
    GetWakeupTime = 0x4,
    SetWakeupTime = 0x8,
    GetVariable = 0x10,
    GetNextVariableName = 0x20,
    SetVariable = 0x40,
    SetVirtualAddressMap = 0x80,
    ConvertPointer = 0x100,
    GetNextHighMonotonicCount = 0x200,
    ResetSystem = 0x400,
    UpdateCapsule = 0x800,
    QueryCapsuleCapabilities = 0x1000,
    QueryVariableInfo = 0x2000,
    All = 0x3FFF,
}

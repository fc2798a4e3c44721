using System;

namespace Switcher.Efi.Uefi;

/// <summary>
/// EFI_RUNTIME_SERVICES: UEFI 2.10, section 4.5 "EFI Runtime Services Table"; each service in chapter 8 "Services - Runtime Services".
/// </summary>
public unsafe struct RuntimeServices
{
    /// <summary>"RUNTSERV".</summary>
    public const ulong TableSignature = 0x5652_4553_544e_5552;

    /// <summary>UEFI 2.10, the revision whose table this is.</summary>
    public const uint TableRevision = (2 << 16) | 100;

    public TableHeader Hdr;

    // Time services.
    public delegate* unmanaged<Time*, TimeCapabilities*, EfiStatus> GetTime;
    public delegate* unmanaged<Time*, EfiStatus> SetTime;
    public delegate* unmanaged<byte*, byte*, Time*, EfiStatus> GetWakeupTime;
    public delegate* unmanaged<byte, Time*, EfiStatus> SetWakeupTime;

    // Virtual memory services.
    public delegate* unmanaged<nuint, nuint, uint, MemoryDescriptor*, EfiStatus> SetVirtualAddressMap;
    public delegate* unmanaged<nuint, void**, EfiStatus> ConvertPointer;

    // Variable services.
    public delegate* unmanaged<char*, Guid*, VariableAttributes*, nuint*, void*, EfiStatus> GetVariable;
    public delegate* unmanaged<nuint*, char*, Guid*, EfiStatus> GetNextVariableName;
    public delegate* unmanaged<char*, Guid*, VariableAttributes, nuint, void*, EfiStatus> SetVariable;

    // Miscellaneous services.
    public delegate* unmanaged<uint*, EfiStatus> GetNextHighMonotonicCount;
    public delegate* unmanaged<ResetType, EfiStatus, nuint, void*, void> ResetSystem;

    // Capsule services.
    public delegate* unmanaged<void**, nuint, ulong, EfiStatus> UpdateCapsule;
    public delegate* unmanaged<void**, nuint, ulong*, ResetType*, EfiStatus> QueryCapsuleCapabilities;

    // Miscellaneous services.
    public delegate* unmanaged<VariableAttributes, ulong*, ulong*, ulong*, EfiStatus> QueryVariableInfo;
}

/// <summary>EFI_TIME_CAPABILITIES.</summary>
public struct TimeCapabilities
{
    /// <summary>Steps of the clock in a second.</summary>
    public uint Resolution;

    /// <summary>Error of the clock in parts per million.</summary>
    public uint Accuracy;
    public byte SetsToZero;
}

/// <summary>EFI_VARIABLE_*: UEFI 2.10, section 8.2.1 "GetVariable()".</summary>
[Flags]
public enum VariableAttributes : uint
{
    NonVolatile = 0x1,
    BootServiceAccess = 0x2,
    RuntimeAccess = 0x4,
    HardwareErrorRecord = 0x8,

    /// <summary>Deprecated: who asks for it is told that it is unsupported.</summary>
    AuthenticatedWriteAccess = 0x10,
    TimeBasedAuthenticatedWriteAccess = 0x20,
    AppendWrite = 0x40,
    EnhancedAuthenticatedAccess = 0x80,
}

/// <summary>EFI_RESET_TYPE: UEFI 2.10, section 8.5.1 "ResetSystem()".</summary>
public enum ResetType : uint
{
    Cold,
    Warm,
    Shutdown,
    PlatformSpecific,
}

/// <summary>The name space of the variables that the specification defines.</summary>
public static class VariableVendor
{
    public static Guid Global => new(0x8be4df61, 0x93ca, 0x11d2, 0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c);
}

using System;

namespace Switcher.Efi.Uefi;

/// <summary>EFI_MP_SERVICES_PROTOCOL: PI 1.8, volume II, "MP Services Protocol".</summary>
public unsafe struct MpServices
{
    public delegate* unmanaged<MpServices*, nuint*, nuint*, EfiStatus> GetNumberOfProcessors;
    public delegate* unmanaged<MpServices*, nuint, ProcessorInformation*, EfiStatus> GetProcessorInfo;

    /// <summary>This, procedure, one after the other, event, microseconds to wait at most (0: any), argument, failed CPUs.</summary>
    public delegate* unmanaged<MpServices*, delegate* unmanaged<void*, void>, byte, Event, nuint, void*, nuint**, EfiStatus> StartupAllAps;

    /// <summary>This, procedure, processor number, event, microseconds to wait at most (0: any), argument, finished.</summary>
    public delegate* unmanaged<MpServices*, delegate* unmanaged<void*, void>, nuint, Event, nuint, void*, byte*, EfiStatus> StartupThisAp;
    public delegate* unmanaged<MpServices*, nuint, byte, EfiStatus> SwitchBsp;
    public delegate* unmanaged<MpServices*, nuint, byte, uint*, EfiStatus> EnableDisableAp;
    public delegate* unmanaged<MpServices*, nuint*, EfiStatus> WhoAmI;

    public static Guid Protocol => new(0x3fdda605, 0xa76e, 0x4f46, 0xad, 0x29, 0x12, 0xf4, 0x53, 0x1b, 0x3d, 0x08);
}

/// <summary>PROCESSOR_*_BIT: the state of a processor.</summary>
[Flags]
public enum ProcessorStatus : uint
{
    AsBsp = 1,
    Enabled = 2,
    HealthStatus = 4,
}

/// <summary>EFI_PROCESSOR_INFORMATION. The extended location is asked for with bit 24 of the processor number.</summary>
public struct ProcessorInformation
{
    /// <summary>The local APIC identifier.</summary>
    public ulong ProcessorId;
    public ProcessorStatus StatusFlag;
    public uint Package;
    public uint Core;
    public uint Thread;
    public uint Package2;
    public uint Module2;
    public uint Tile2;
    public uint Die2;
    public uint Core2;
    public uint Thread2;
}

using System;
using System.Runtime.InteropServices;

namespace Switcher.Boot.Memory;

/// <summary>
/// UEFI 2.10, 7.2.3 EFI_BOOT_SERVICES.GetMemoryMap(): EFI_MEMORY_TYPE. Open: firmware and loaders return values of their own.
/// </summary>
public enum MemoryType : uint
{
    Reserved = 0,
    LoaderCode = 1,
    LoaderData = 2,
    BootServicesCode = 3,
    BootServicesData = 4,
    RuntimeServicesCode = 5,
    RuntimeServicesData = 6,
    Conventional = 7,
    Unusable = 8,
    AcpiReclaim = 9,
    AcpiNvs = 10,
    MemoryMappedIo = 11,
    MemoryMappedIoPortSpace = 12,
    PalCode = 13,
    Persistent = 14,
    Unaccepted = 15,

    /// <summary>From here to 0x7FFFFFFF the types are the OEM's, from 0x80000000 on the OS loaders'.</summary>
    FirstOemReserved = 0x70000000,
}

/// <summary>UEFI 2.10, 7.2.3: the attributes of a range that matter here.</summary>
[Flags]
public enum MemoryAttributes : ulong
{
    None = 0,
    Uncacheable = 1,
    WriteCombining = 2,
    WriteThrough = 4,
    WriteBack = 8,

    /// <summary>Every way of caching: RAM about which the firmware says no more.</summary>
    Default = Uncacheable | WriteCombining | WriteThrough | WriteBack,
    ReadProtect = 0x2000,
    ExecuteProtect = 0x4000,

    /// <summary>EFI_MEMORY_SP: meant for a special purpose, so not for general use.</summary>
    SpecificPurpose = 0x40000,
    Runtime = 0x8000000000000000,
}

/// <summary>
/// UEFI 2.10, 7.2.3: EFI_MEMORY_DESCRIPTOR, version 1, 40 bytes. Firmware may use a larger stride: take it from GetMemoryMap, never from
/// here.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct MemoryDescriptor
{
    public MemoryType Type;
    public uint Padding;
    public ulong PhysicalStart;
    public ulong VirtualStart;
    public ulong NumberOfPages;
    public MemoryAttributes Attribute;

    public MemoryDescriptor(MemoryType type, MemoryRange range, MemoryAttributes attribute)
    {
        Type = type;
        PhysicalStart = range.Start;
        NumberOfPages = range.Length / PageSize.Small;
        Attribute = attribute;
    }

    public readonly MemoryRange Range => new(PhysicalStart, NumberOfPages * PageSize.Small);

    /// <summary>
    /// RAM that somebody can use or uses. What is reserved is not counted: device windows hide behind that type, too.
    /// </summary>
    public readonly bool IsRam => Type is (>= MemoryType.LoaderCode and <= MemoryType.Conventional) or MemoryType.AcpiReclaim
        or MemoryType.AcpiNvs;

    /// <summary>How the range may be cached. Firmware that says nothing about RAM means that every way works.</summary>
    public readonly MemoryAttributes CacheAttributes =>
        (Attribute & MemoryAttributes.Default) == 0 ? MemoryAttributes.Default : Attribute & MemoryAttributes.Default;
}

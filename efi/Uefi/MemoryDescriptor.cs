using System;

namespace Switcher.Efi.Uefi;

// UEFI 2.10, section 7.2 "Memory Allocation Services".

/// <summary>EFI_ALLOCATE_TYPE.</summary>
public enum AllocateType : uint
{
    AnyPages,
    MaxAddress,
    Address,
}

/// <summary>EFI_MEMORY_TYPE. From 0x70000000 on the types are the firmware's and the loaders' own.</summary>
public enum MemoryType : uint
{
    Reserved,
    LoaderCode,
    LoaderData,
    BootServicesCode,
    BootServicesData,
    RuntimeServicesCode,
    RuntimeServicesData,
    Conventional,
    Unusable,
    AcpiReclaim,
    AcpiNvs,
    MappedIo,
    MappedIoPortSpace,
    PalCode,
    Persistent,
    Unaccepted,
}

/// <summary>EFI_MEMORY_*: what a range of memory can do and what it is.</summary>
[Flags]
public enum MemoryAttributes : ulong
{
    Uncacheable = 0x1,
    WriteCombining = 0x2,
    WriteThrough = 0x4,
    WriteBack = 0x8,
    UncacheableExported = 0x10,
    WriteProtected = 0x1000,
    ReadProtected = 0x2000,
    ExecuteProtected = 0x4000,
    NonVolatile = 0x8000,
    MoreReliable = 0x1_0000,
    ReadOnly = 0x2_0000,
    SpecificPurpose = 0x4_0000,
    CpuCrypto = 0x8_0000,
    Runtime = 0x8000_0000_0000_0000,
}

/// <summary>EFI_MEMORY_DESCRIPTOR. In a memory map the distance of two descriptors is what GetMemoryMap() said, not this size.</summary>
public struct MemoryDescriptor
{
    public const uint CurrentVersion = 1;
    public const int PageSize = 4096;

    public MemoryType Type;
    public ulong PhysicalStart;
    public ulong VirtualStart;
    public ulong NumberOfPages;
    public MemoryAttributes Attribute;
}

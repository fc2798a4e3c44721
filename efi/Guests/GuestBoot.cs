using System;
using Switcher.Boot.Config;
using Switcher.Boot.Memory;
using Switcher.Boot.Partition;
using Switcher.Boot.Plan;
using Switcher.Efi.Firmware;
using Switcher.Efi.Uefi;
using HvAllocateType = Switcher.Boot.Partition.AllocateType;
using HvMemoryDescriptor = Switcher.Boot.Memory.MemoryDescriptor;
using HvMemoryType = Switcher.Boot.Memory.MemoryType;

namespace Switcher.Efi.Guests;

/// <summary>All that the boot side knows of one guest.</summary>
public unsafe struct GuestBoot
{
    /// <summary>Index in the plan: 0 starts first.</summary>
    public int Index;

    /// <summary>Number of its <c>Boot####</c> option.</summary>
    public ushort BootOption;

    /// <summary>UTF-8 without a NUL.</summary>
    public byte* Name;
    public int NameLength;

    /// <summary>The option's device path, as it is in the variable or completed.</summary>
    public DevicePath* Path;

    /// <summary>What the loader gets as load options.</summary>
    public void* LoadOptions;
    public uint LoadOptionsSize;

    /// <summary>What the boot option itself has as those.</summary>
    public void* OptionalData;
    public uint OptionalDataSize;

    /// <summary>Path of the initial RAM disk on the loader's volume, with a NUL at its end; or null.</summary>
    public char* InitialRamDisk;

    /// <summary>How much memory was asked for.</summary>
    public MemoryRequest Memory;

    /// <summary>It keeps local time in the real-time clock.</summary>
    public bool KeepsLocalTime;

    /// <summary>What its request for S3 means.</summary>
    public SleepPolicy Sleep;

    /// <summary>The user has written its configuration since it was loaded last.</summary>
    public bool HasNewOptions;

    public PartitionAllocatorState PageState;
    public PartitionPoolState PoolState;
    public HvMemoryDescriptor* PageTable;
    public int PageTableLength;

    /// <summary>Variables that do not outlast the boot and were written by its loader.</summary>
    internal VariableList LoaderVariables;

    /// <summary>What it calls the firmware with.</summary>
    internal GuestRuntime Runtime;

    /// <summary>Its own ACPI tables: the RSDP, which of the two GUIDs fits it, and the FACS.</summary>
    public ulong Rsdp;
    public Guid RsdpGuid;
    public ulong Facs;

    public readonly ReadOnlySpan<byte> NameText => new(Name, NameLength);

    /// <summary>Makes all of its partition free, whatever a loader has allocated there.</summary>
    public static AllocationStatus Free(GuestBoot* guest, in MemoryPlan plan)
    {
        guest->PoolState = default;
        return Pages(guest).Initialize(plan, guest->Index);
    }

    /// <summary>The pages of its partition.</summary>
    public static PartitionAllocator Pages(GuestBoot* guest) =>
        new(ref guest->PageState, new Span<HvMemoryDescriptor>(guest->PageTable, guest->PageTableLength));

    /// <summary>The pool in its partition.</summary>
    internal static PartitionPool<IdentityMemory> Pool(GuestBoot* guest) => new(ref guest->PoolState, Pages(guest));

    /// <summary>Allocates pages in its partition for Switcher's own part of its loading.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="type">What the pages become.</param>
    /// <param name="bytes">Rounded up to pages.</param>
    /// <param name="maximum">The highest address that will do.</param>
    /// <returns>The address, or 0.</returns>
    public static ulong Allocate(GuestBoot* guest, HvMemoryType type, ulong bytes, ulong maximum = ulong.MaxValue)
    {
        ulong address = maximum;
        HvAllocateType how = maximum == ulong.MaxValue ? HvAllocateType.AnyPages : HvAllocateType.MaxAddress;
        ulong pages = PageSize.AlignUp(bytes, PageSize.Small) / PageSize.Small;
        return Pages(guest).Allocate(how, type, pages, ref address) == AllocationStatus.Success ? address : 0;
    }
}

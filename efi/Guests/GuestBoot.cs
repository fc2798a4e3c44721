using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Partition;
using Switcher.Boot.Plan;
using Switcher.Efi.Firmware;
using Switcher.Efi.Launch;
using Switcher.Efi.Loader;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Guests;

/// <summary>All that the boot side knows of one guest.</summary>
public unsafe struct GuestBoot
{
    /// <summary>Index in the plan: 0 starts first, so its loader runs last.</summary>
    public int Index;
    public GuestKind Kind;

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

    /// <summary>Path of the initial RAM disk on the loader's volume, with a NUL at its end; or null.</summary>
    public char* InitialRamDisk;

    /// <summary>How much memory was asked for.</summary>
    public MemoryRequest Memory;

    public PartitionAllocatorState Pages;
    public PartitionPoolState Pool;
    public Boot.Memory.MemoryDescriptor* PageTable;
    public int PageTableLength;

    /// <summary>Its own ACPI tables: the RSDP, which of the two GUIDs fits it, and the FACS.</summary>
    public ulong Rsdp;
    public Guid RsdpGuid;
    public ulong Facs;

    public readonly ReadOnlySpan<byte> NameText => new(Name, NameLength);
}

/// <summary>The guests of this boot.</summary>
internal static unsafe class BootGuests
{
    public static GuestBoot* Items { get; private set; }

    public static int Count { get; private set; }

    /// <summary>Gets memory for up to <paramref name="maximum"/> guests.</summary>
    public static bool Create(int maximum)
    {
        Items = FirmwareAccess.Allocate<GuestBoot>(maximum);
        return Items != null;
    }

    /// <summary>Forgets all guests.</summary>
    public static void Clear() => Count = 0;

    /// <summary>Adds a guest behind the others.</summary>
    public static ref GuestBoot Add()
    {
        Items[Count] = default;
        Items[Count].Index = Count;
        return ref Items[Count++];
    }

    public static ref GuestBoot At(int index) => ref Items[index];

    /// <summary>Tells the hypervisor. Without memory for it the plan stays without guests.</summary>
    public static void Describe(ref BootPlan plan)
    {
        plan.GuestCount = Count;
        plan.Guests = FirmwareAccess.Allocate<GuestPlan>(Count);
        for (int i = 0; i < Count && plan.Guests != null; i++)
        {
            ref GuestBoot guest = ref At(i);
            plan.Guests[i] = new GuestPlan
            {
                BootOption = guest.BootOption,
                Name = guest.Name,
                NameLength = guest.NameLength,
                Facs = guest.Facs,
                Kind = guest.Kind,
            };
        }
    }

    /// <summary>The pages of a guest's partition.</summary>
    public static PartitionAllocator Pages(ref GuestBoot guest) =>
        new(ref guest.Pages, new Span<Boot.Memory.MemoryDescriptor>(guest.PageTable, guest.PageTableLength));

    /// <summary>The pool in a guest's partition.</summary>
    public static PartitionPool<IdentityMemory> Pool(ref GuestBoot guest) => new(ref guest.Pool, Pages(ref guest));
}

using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Switcher.Hv.Devices;

namespace Switcher.Efi.Launch;

/// <summary>
/// All that the boot side tells the hypervisor before launch. The pointers are to boot-services memory: what is still needed
/// after launch has to be copied out while preparing.
/// </summary>
public unsafe struct BootPlan
{
    /// <summary>One for each guest. Index 0 starts first, so its loader runs last.</summary>
    public GuestPlan* Guests;
    public int GuestCount;

    /// <summary>Who owns which RAM: sorted by address.</summary>
    public PlannedRange* Ranges;
    public int RangeCount;

    /// <summary>The firmware's memory map when the plan was made, 40 bytes a descriptor whatever the firmware's stride is.</summary>
    public MemoryDescriptor* FirmwareMap;
    public int FirmwareMapCount;

    /// <summary>Physical address of the firmware's own RSDP.</summary>
    public ulong Rsdp;

    /// <summary>ACPI fixed hardware and the SLP_TYP values of S3, S4 and S5.</summary>
    public PowerManagement Power;

    /// <summary>SCI_INT of the FADT.</summary>
    public ushort SciInterrupt;

    /// <summary>The firmware has no <c>\_S3</c>: the guests get one whose SLP_TYP only the hypervisor knows.</summary>
    public bool IsS3Synthesized;

    public readonly MemoryPlan Memory => new(new ReadOnlySpan<PlannedRange>(Ranges, RangeCount));

    public readonly ReadOnlySpan<MemoryDescriptor> FirmwareDescriptors => new(FirmwareMap, FirmwareMapCount);
}

/// <summary>One guest as the hypervisor gets to know it.</summary>
public unsafe struct GuestPlan
{
    /// <summary>Number of its <c>Boot####</c> option.</summary>
    public ushort BootOption;

    /// <summary>Its name in UTF-8, without a NUL.</summary>
    public byte* Name;
    public int NameLength;

    /// <summary>Physical address of its own FACS.</summary>
    public ulong Facs;

    /// <summary>Whether its loader is stopped at ExitBootServices; otherwise it is the one that starts first.</summary>
    public GuestKind Kind;

    public readonly ReadOnlySpan<byte> NameText => new(Name, NameLength);
}

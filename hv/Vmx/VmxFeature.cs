using System;
using Switcher.Hv.State;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

/// <summary>Where a feature of VMX is reported.</summary>
public enum VmxFeatureGroup
{
    None,
    Pin,
    Primary,
    Secondary,
    Exit,
    Entry,

    /// <summary>IA32_VMX_MISC.</summary>
    Miscellaneous,

    /// <summary>IA32_VMX_EPT_VPID_CAP.</summary>
    Ept,
}

/// <summary>What Switcher does with a feature.</summary>
public enum VmxFeatureUse
{
    /// <summary>Without it nothing works; on.</summary>
    Needed,

    /// <summary>Needed, but set and cleared while a guest runs; off at first.</summary>
    Switched,

    /// <summary>The guest would exit where it must not: it has to be possible to have it off.</summary>
    Off,

    /// <summary>On where the CPU has it.</summary>
    Optional,

    /// <summary>Set and cleared while a guest runs, where the CPU has it; off at first.</summary>
    OptionalSwitched,
}

/// <summary>A feature of VMX that Switcher has to do with. What is not in the table is off where the CPU lets it.</summary>
public readonly ref struct VmxFeature
{
    public const int Count = 33;

    private VmxFeature(
        VmxFeatureGroup group, uint bits, VmxFeatureUse use, ReadOnlySpan<byte> name, Status missing = Status.IncompleteVirtualization)
    {
        Group = group;
        Bits = bits;
        Use = use;
        Name = name;
        Status = missing;
    }

    public VmxFeatureGroup Group { get; }

    /// <summary>Its one bit in the control field or in the lower half of the MSR.</summary>
    public uint Bits { get; }

    public VmxFeatureUse Use { get; }

    /// <summary>The manual's name for it.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>What it means for the user if it is missing; success for a feature that is none.</summary>
    public Status Status { get; }

    public bool IsNone => Group == VmxFeatureGroup.None;

    /// <summary>The table, the most important first: SDM vol. 3, 25.6 to 25.8, A.6 and A.10.</summary>
    public static VmxFeature At(int index) => index switch
    {
        0 => Secondary(SecondaryControls.EnableEpt, VmxFeatureUse.Needed, "enable EPT"u8, Status.NoNestedPaging),
        1 => Secondary(SecondaryControls.UnrestrictedGuest, VmxFeatureUse.Needed, "unrestricted guest"u8, Status.NoUnrestrictedGuest),

        // Without these the guest would find #UD at instructions that CPUID offers; and VPID saves translations.
        2 => Secondary(SecondaryControls.EnableRdtscp, VmxFeatureUse.Optional, "enable RDTSCP"u8),
        3 => Secondary(SecondaryControls.EnableInvpcid, VmxFeatureUse.Optional, "enable INVPCID"u8),
        4 => Secondary(SecondaryControls.EnableXsaves, VmxFeatureUse.Optional, "enable XSAVES/XRSTORS"u8),
        5 => Secondary(SecondaryControls.EnableUserWaitAndPause, VmxFeatureUse.Optional, "enable user wait and pause"u8),
        6 => Secondary(SecondaryControls.EnableVpid, VmxFeatureUse.Optional, "enable VPID"u8),

        7 => Pin(PinControls.ExternalInterruptExiting, VmxFeatureUse.Off, "external-interrupt exiting that can be off"u8),
        8 => Pin(PinControls.NmiExiting, VmxFeatureUse.Needed, "NMI exiting"u8),
        9 => Pin(PinControls.VirtualNmis, VmxFeatureUse.Needed, "virtual NMIs"u8),

        10 => Primary(PrimaryControls.Cr3LoadExiting, VmxFeatureUse.Off, "CR3-load exiting that can be off"u8),
        11 => Primary(PrimaryControls.Cr3StoreExiting, VmxFeatureUse.Off, "CR3-store exiting that can be off"u8),
        12 => Primary(PrimaryControls.NmiWindowExiting, VmxFeatureUse.Switched, "NMI-window exiting"u8),
        13 => Primary(PrimaryControls.UseIoBitmaps, VmxFeatureUse.Needed, "use I/O bitmaps"u8),
        14 => Primary(PrimaryControls.UseMsrBitmaps, VmxFeatureUse.Needed, "use MSR bitmaps"u8),
        15 => Primary(PrimaryControls.ActivateSecondaryControls, VmxFeatureUse.Needed, "activate secondary controls"u8),

        16 => Exit(ExitControls.SaveDebugControls, "save debug controls"u8),
        17 => Exit(ExitControls.HostAddressSpaceSize, "host address-space size"u8),
        18 => Exit(ExitControls.SavePat, "save IA32_PAT"u8),
        19 => Exit(ExitControls.LoadPat, "load IA32_PAT on exit"u8),
        20 => Exit(ExitControls.SaveEfer, "save IA32_EFER"u8),
        21 => Exit(ExitControls.LoadEfer, "load IA32_EFER on exit"u8),

        22 => Entry(EntryControls.LoadDebugControls, VmxFeatureUse.Needed, "load debug controls"u8),
        23 => Entry(EntryControls.Ia32eModeGuest, VmxFeatureUse.Switched, "IA-32e mode guest"u8),
        24 => Entry(EntryControls.LoadPat, VmxFeatureUse.Needed, "load IA32_PAT on entry"u8),
        25 => Entry(EntryControls.LoadEfer, VmxFeatureUse.Needed, "load IA32_EFER on entry"u8),

        26 => new(VmxFeatureGroup.Miscellaneous, 1 << 8, VmxFeatureUse.Needed, "activity state wait-for-SIPI"u8),
        27 => Ept(EptCapability.FourLevels, "EPT with four levels"u8),
        28 => Ept(EptCapability.WriteBack, "EPT in write-back memory"u8),
        29 => Ept(EptCapability.LargePages, "EPT pages of 2 MiB"u8),
        30 => Ept(EptCapability.Invept, "INVEPT"u8),
        31 => Ept(EptCapability.InveptAllContexts, "INVEPT of all contexts"u8),
        _ => Pin(PinControls.ActivatePreemptionTimer, VmxFeatureUse.OptionalSwitched, "activate VMX-preemption timer"u8),
    };

    private static VmxFeature Pin(PinControls bit, VmxFeatureUse use, ReadOnlySpan<byte> name)
        => new(VmxFeatureGroup.Pin, (uint)bit, use, name);

    private static VmxFeature Primary(PrimaryControls bit, VmxFeatureUse use, ReadOnlySpan<byte> name)
        => new(VmxFeatureGroup.Primary, (uint)bit, use, name);

    private static VmxFeature Secondary(
        SecondaryControls bit, VmxFeatureUse use, ReadOnlySpan<byte> name, Status missing = Status.IncompleteVirtualization)
        => new(VmxFeatureGroup.Secondary, (uint)bit, use, name, missing);

    private static VmxFeature Exit(ExitControls bit, ReadOnlySpan<byte> name)
        => new(VmxFeatureGroup.Exit, (uint)bit, VmxFeatureUse.Needed, name);

    private static VmxFeature Entry(EntryControls bit, VmxFeatureUse use, ReadOnlySpan<byte> name)
        => new(VmxFeatureGroup.Entry, (uint)bit, use, name);

    private static VmxFeature Ept(int bit, ReadOnlySpan<byte> name)
        => new(VmxFeatureGroup.Ept, 1u << bit, VmxFeatureUse.Needed, name);
}

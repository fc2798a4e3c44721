using System;
using Switcher.Hv.State;

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

    /// <summary>IA32_VMX_EPT_VPID_CAP.</summary>
    Ept,

    /// <summary>IA32_VMX_MISC.</summary>
    Miscellaneous,
}

/// <summary>A feature of VMX that Switcher needs and the CPU lacks.</summary>
public readonly struct MissingFeature
{
    public MissingFeature(VmxFeatureGroup group, int bit)
    {
        Group = group;
        Bit = bit;
    }

    public VmxFeatureGroup Group { get; }

    /// <summary>Its position in the control field or MSR.</summary>
    public int Bit { get; }

    public bool IsNone => Group == VmxFeatureGroup.None;

    /// <summary>What it means for the user.</summary>
    public Status Status
    {
        get
        {
            if (IsNone)
                return Status.Success;
            if (Group != VmxFeatureGroup.Secondary)
                return Status.IncompleteVirtualization;
            return (SecondaryControls)(1u << Bit) switch
            {
                SecondaryControls.EnableEpt => Status.NoNestedPaging,
                SecondaryControls.UnrestrictedGuest => Status.NoUnrestrictedGuest,
                _ => Status.IncompleteVirtualization,
            };
        }
    }

    /// <summary>The manual's name for it.</summary>
    public ReadOnlySpan<byte> Name => Group switch
    {
        VmxFeatureGroup.Pin => PinName((PinControls)(1u << Bit)),
        VmxFeatureGroup.Primary => PrimaryName((PrimaryControls)(1u << Bit)),
        VmxFeatureGroup.Secondary => SecondaryName((SecondaryControls)(1u << Bit)),
        VmxFeatureGroup.Exit => ExitName((ExitControls)(1u << Bit)),
        VmxFeatureGroup.Entry => EntryName((EntryControls)(1u << Bit)),
        VmxFeatureGroup.Ept => EptName(Bit),
        VmxFeatureGroup.Miscellaneous => "activity state wait-for-SIPI"u8,
        _ => "nothing"u8,
    };

    private static ReadOnlySpan<byte> PinName(PinControls control) => control switch
    {
        PinControls.NmiExiting => "NMI exiting"u8,
        PinControls.VirtualNmis => "virtual NMIs"u8,
        PinControls.ExternalInterruptExiting => "external-interrupt exiting that can be off"u8,
        _ => "unknown pin-based control"u8,
    };

    private static ReadOnlySpan<byte> PrimaryName(PrimaryControls control) => control switch
    {
        PrimaryControls.UseIoBitmaps => "use I/O bitmaps"u8,
        PrimaryControls.UseMsrBitmaps => "use MSR bitmaps"u8,
        PrimaryControls.ActivateSecondaryControls => "activate secondary controls"u8,
        PrimaryControls.NmiWindowExiting => "NMI-window exiting"u8,
        PrimaryControls.Cr3LoadExiting => "CR3-load exiting that can be off"u8,
        PrimaryControls.Cr3StoreExiting => "CR3-store exiting that can be off"u8,
        _ => "unknown primary control"u8,
    };

    private static ReadOnlySpan<byte> SecondaryName(SecondaryControls control) => control switch
    {
        SecondaryControls.EnableEpt => "enable EPT"u8,
        SecondaryControls.UnrestrictedGuest => "unrestricted guest"u8,
        _ => "unknown secondary control"u8,
    };

    private static ReadOnlySpan<byte> ExitName(ExitControls control) => control switch
    {
        ExitControls.SaveDebugControls => "save debug controls"u8,
        ExitControls.HostAddressSpaceSize => "host address-space size"u8,
        ExitControls.SavePat => "save IA32_PAT"u8,
        ExitControls.LoadPat => "load IA32_PAT on exit"u8,
        ExitControls.SaveEfer => "save IA32_EFER"u8,
        ExitControls.LoadEfer => "load IA32_EFER on exit"u8,
        _ => "unknown VM-exit control"u8,
    };

    private static ReadOnlySpan<byte> EntryName(EntryControls control) => control switch
    {
        EntryControls.LoadDebugControls => "load debug controls"u8,
        EntryControls.Ia32eModeGuest => "IA-32e mode guest"u8,
        EntryControls.LoadPat => "load IA32_PAT on entry"u8,
        EntryControls.LoadEfer => "load IA32_EFER on entry"u8,
        _ => "unknown VM-entry control"u8,
    };

    private static ReadOnlySpan<byte> EptName(int bit) => bit switch
    {
        EptCapability.FourLevels => "EPT with four levels"u8,
        EptCapability.WriteBack => "EPT in write-back memory"u8,
        EptCapability.LargePages => "EPT pages of 2 MiB"u8,
        EptCapability.Invept => "INVEPT"u8,
        EptCapability.InveptAllContexts => "INVEPT of all contexts"u8,
        _ => "unknown EPT capability"u8,
    };
}

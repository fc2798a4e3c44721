using System;
using Switcher.Boot.Verdict;

namespace Switcher.Hv.State;

/// <summary>What went wrong and what to do about it, one line for the user.</summary>
public static class StatusText
{
    /// <summary>What the verdict on a CPU means here.</summary>
    public static Status Lacking(CpuOffer missing) => missing switch
    {
        CpuOffer.None => Status.Success,
        CpuOffer.Virtualization => Status.NoVirtualization,
        CpuOffer.Enabled => Status.VirtualizationDisabled,
        CpuOffer.NestedPaging => Status.NoNestedPaging,
        _ => Status.NoUnrestrictedGuest,
    };

    public static ReadOnlySpan<byte> Of(Status status) => status switch
    {
        Status.Success => "no error"u8,
        Status.NoVirtualization => CpuVerdict.Lacks(CpuOffer.Virtualization),
        Status.VirtualizationDisabled => CpuVerdict.Lacks(CpuOffer.Enabled),
        Status.NoNestedPaging => CpuVerdict.Lacks(CpuOffer.NestedPaging),
        Status.NoUnrestrictedGuest => CpuVerdict.Lacks(CpuOffer.UnrestrictedGuest),
        Status.IncompleteVirtualization => "this CPU's virtualization extension lacks a feature that Switcher needs; the log names it"u8,
        Status.VirtualizationRefused => "a CPU refused to switch its virtualization extension on"u8,
        Status.EntryRefused => "a CPU refused to run the firmware as a guest; the log names the reason"u8,
        Status.TooManyCpus => CpuVerdict.TooManyCpus,
        Status.NotEnoughHypervisorMemory => "the memory set aside for the hypervisor is too small"u8,
        Status.ImageDamaged => "Switcher's own image cannot be moved: copy Switcher.efi to the disk again"u8,
        Status.NoAcpiTables => "the firmware has no ACPI tables"u8,
        _ => "unknown error"u8,
    };
}

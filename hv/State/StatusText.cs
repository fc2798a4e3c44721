using System;

namespace Switcher.Hv.State;

/// <summary>What went wrong and what to do about it, one line for the user.</summary>
public static class StatusText
{
    public static ReadOnlySpan<byte> Of(Status status) => status switch
    {
        Status.Success => "no error"u8,
        Status.NoVirtualization => "this CPU has neither AMD SVM nor Intel VMX"u8,
        Status.VirtualizationDisabled => "virtualization is switched off: enable SVM (AMD) or VT-x (Intel) in the firmware setup"u8,
        Status.NoNestedPaging => "this CPU has no nested paging (AMD NPT, Intel EPT)"u8,
        Status.NoUnrestrictedGuest => "this CPU has no unrestricted guest mode"u8,
        Status.IncompleteVirtualization => "this CPU's virtualization extension lacks a feature that Switcher needs; the log names it"u8,
        Status.VirtualizationRefused => "a CPU refused to switch its virtualization extension on"u8,
        Status.EntryRefused => "a CPU refused to run the firmware as a guest; the log names the reason"u8,
        Status.TooManyCpus => "this machine has more CPUs than Switcher supports: switch some off in the firmware setup"u8,
        Status.NotEnoughHypervisorMemory => "the memory set aside for the hypervisor is too small"u8,
        Status.NoAcpiTables => "the firmware has no ACPI tables"u8,
        _ => "unknown error"u8,
    };
}

namespace Switcher.Hv.State;

/// <summary>Outcome of an operation of the hypervisor. Each failure has one sentence for the user in <see cref="StatusText"/>.</summary>
public enum Status
{
    Success,
    NoVirtualization,
    VirtualizationDisabled,
    NoNestedPaging,
    NoUnrestrictedGuest,
    IncompleteVirtualization,
    VirtualizationRefused,
    EntryRefused,
    TooManyCpus,
    NotEnoughHypervisorMemory,
    NoAcpiTables,
    ImageDamaged,
}

namespace Switcher.Acpi;

/// <summary>Why an operation on the tables could not be done.</summary>
public enum AcpiStatus : byte
{
    Success,

    /// <summary>There is no RSDP at the address given.</summary>
    NoRsdp,

    /// <summary>The RSDP leads to no usable XSDT or RSDT.</summary>
    NoRootTable,

    /// <summary>No FADT, or one too short for ACPI 1.0.</summary>
    NoFadt,

    /// <summary>The FADT leads to no usable DSDT.</summary>
    NoDsdt,

    /// <summary>The buffer is smaller than the size that Measure gives.</summary>
    BufferTooSmall,

    /// <summary>The buffer's physical address is not a multiple of 64.</summary>
    BufferMisaligned,

    /// <summary>The firmware's tables have 32-bit addresses only, and the buffer is not below 4 GiB.</summary>
    BufferAbove4GiB,
}

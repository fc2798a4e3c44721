using System;

namespace Switcher.Efi.Uefi;

/// <summary>EFI_ACPI_TABLE_PROTOCOL: UEFI 2.10, 20.2 "EFI_ACPI_TABLE_PROTOCOL".</summary>
public unsafe struct AcpiTableProtocol
{
    /// <summary>This, table, its length, key. The firmware copies the table, connects it with the others and mends checksums.</summary>
    public delegate* unmanaged<AcpiTableProtocol*, void*, nuint, nuint*, EfiStatus> InstallAcpiTable;
    public delegate* unmanaged<AcpiTableProtocol*, nuint, EfiStatus> UninstallAcpiTable;

    public static Guid Protocol => new(0xffe06bdd, 0x6107, 0x46a6, 0x7b, 0xb2, 0x5a, 0x9c, 0x7e, 0xc5, 0x27, 0x5c);
}

using System;
using Switcher.Acpi;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Setup;

/// <summary>Memory for the ACPI library: the firmware's, which maps it one to one and whose tables this program trusts.</summary>
internal readonly unsafe struct FirmwareMemory : IAcpiMemory
{
    // SAFETY: only addresses from the emulator's own tables come here.
    public ReadOnlySpan<byte> Map(ulong physicalAddress, int length) =>
        physicalAddress == 0 ? default : new ReadOnlySpan<byte>((void*)physicalAddress, length);
}

/// <summary>Makes the emulator's FADT that of another kind of machine, for whatever is started afterwards.</summary>
internal static unsafe class FadtFlags
{
    /// <summary>Sets flags of the FADT where it lies, and its checksum.</summary>
    public static EfiStatus Set(uint flags)
    {
        ulong rsdp = FindRsdp();
        if (rsdp == 0
            || RootTables<FirmwareMemory>.Open(default, rsdp, default, out RootTables<FirmwareMemory> tables) != AcpiStatus.Success
            || Fadt.Find(tables, default, out ReadOnlySpan<byte> found, out ulong address) != AcpiStatus.Success)
            return EfiStatus.NotFound;

        // SAFETY: the table is in memory that the firmware gave it, which an OS may reclaim and so can be written.
        Span<byte> fadt = new((void*)address, found.Length);
        *(uint*)(address + Fadt.FlagsOffset) |= flags;
        Checksum.Set(fadt, Sdt.ChecksumOffset);
        return EfiStatus.Success;
    }

    private static ulong FindRsdp()
    {
        Guid wanted = ConfigurationTable.Acpi20;
        for (int i = 0; i < (int)Machine.Table->NumberOfTableEntries; i++)
        {
            ConfigurationTable* table = Machine.Table->ConfigurationTable + i;
            if (table->VendorGuid == wanted)
                return (ulong)table->VendorTable;
        }

        return 0;
    }
}

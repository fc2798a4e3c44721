using System;
using System.Runtime.InteropServices;
using Switcher.Efi.Firmware;
using Switcher.Efi.Steps;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Loader;

/// <summary>EFI_RT_PROPERTIES_TABLE: UEFI 2.10, 4.6.2.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RuntimeProperties
{
    public const ushort CurrentVersion = 1;

    public ushort Version;
    public ushort Length;

    /// <summary>A bit for each runtime service that works after ExitBootServices.</summary>
    public uint RuntimeServicesSupported;
}

/// <summary>
/// The configuration tables of the running guest (UEFI 2.10, 4.6 "EFI Configuration Table &amp; Properties Table"). A parked guest sees
/// only what was made or copied for it: all other tables, and most of what they point to, lie in memory that is another guest's by the
/// time it runs. That leaves out BGRT's and the memory attributes' like the firmware's own (HOB list, DXE services, debug image info,
/// ESRT, TPM logs), of which an OS needs none. The guest that starts first keeps them all, but for ACPI's.
/// </summary>
internal static unsafe class ConfigurationTables
{
    private static ConfigurationTable* s_tables;
    private static int s_capacity;

    /// <summary>Puts the hook into a guest's table.</summary>
    public static void Hook(BootServices* services) => services->InstallConfigurationTable = &InstallConfigurationTable;

    /// <summary>Makes a parked guest's tables.</summary>
    /// <param name="tables">Zeroed storage in its partition.</param>
    /// <param name="capacity">How many there can be.</param>
    /// <param name="properties">Storage in its partition.</param>
    public static bool CreateForParked(ConfigurationTable* tables, int capacity, RuntimeProperties* properties)
    {
        s_tables = tables;
        s_capacity = capacity;
        SystemTable* system = Session.SystemTable;
        system->ConfigurationTable = tables;
        system->NumberOfTableEntries = 0;

        properties->Version = RuntimeProperties.CurrentVersion;
        properties->Length = (ushort)sizeof(RuntimeProperties);
        properties->RuntimeServicesSupported = 0;
        Set(Session.Guest.RsdpGuid, (void*)Session.Guest.Rsdp);
        Set(ConfigurationTable.RuntimeProperties, properties);
        return CopySmbios(ConfigurationTable.Smbios) && CopySmbios(ConfigurationTable.Smbios3);
    }

    /// <summary>Puts the guest's ACPI tables into the place of the firmware's.</summary>
    public static bool UseFirmwares()
    {
        return UseOwnRsdp(ConfigurationTable.Acpi20, Session.Guest.RsdpGuid == ConfigurationTable.Acpi20)
            && UseOwnRsdp(ConfigurationTable.Acpi10, true);
    }

    /// <summary>What the firmware has under a GUID, or null.</summary>
    public static void* Find(Guid guid)
    {
        for (nuint i = 0; i < FirmwareAccess.Table->NumberOfTableEntries; i++)
        {
            if (FirmwareAccess.Table->ConfigurationTable[i].VendorGuid == guid)
                return FirmwareAccess.Table->ConfigurationTable[i].VendorTable;
        }

        return null;
    }

    private static bool UseOwnRsdp(Guid guid, bool isWanted)
    {
        if (Find(guid) == null)
            return true;
        return !Replace(guid, isWanted ? (void*)Session.Guest.Rsdp : null).IsError;
    }

    private static bool CopySmbios(Guid guid)
    {
        void* original = Find(guid);
        void* copy = original == null ? null : SmbiosCopy.Make(original);
        return copy == null || !Set(guid, copy).IsError;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus InstallConfigurationTable(Guid* guid, void* table)
    {
        if (guid == null)
            return EfiStatus.InvalidParameter;
        return Session.IsParked ? Set(*guid, table) : Replace(*guid, table);
    }

    /// <summary>Changes the firmware's own tables, until they are changed back.</summary>
    private static EfiStatus Replace(Guid guid, void* table)
    {
        if (!Journal.HasRoom)
            return EfiStatus.OutOfResources;
        void* previous = Find(guid);
        EfiStatus status = FirmwareAccess.Services->InstallConfigurationTable(&guid, table);
        if (!status.IsError)
            Journal.Add(new JournalEntry { Kind = JournalKind.ConfigurationTable, Guid = guid, Interface = table, Previous = previous });
        return status;
    }

    /// <summary>Adds, changes or removes one of a parked guest's tables (UEFI 2.10, 7.5.6 InstallConfigurationTable()).</summary>
    private static EfiStatus Set(Guid guid, void* table)
    {
        SystemTable* system = Session.SystemTable;
        int count = (int)system->NumberOfTableEntries;
        int index = 0;
        while (index < count && s_tables[index].VendorGuid != guid)
            index++;
        if (table == null)
        {
            if (index == count)
                return EfiStatus.NotFound;
            for (int i = index + 1; i < count; i++)
                s_tables[i - 1] = s_tables[i];
            count--;
        }
        else
        {
            if (index == s_capacity)
                return EfiStatus.OutOfResources;
            s_tables[index].VendorGuid = guid;
            s_tables[index].VendorTable = table;
            if (index == count)
                count++;
        }

        system->NumberOfTableEntries = (nuint)count;
        FirmwareAccess.UpdateChecksum(&system->Hdr);
        return EfiStatus.Success;
    }
}

using System;
using System.Runtime.InteropServices;
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
    /// <summary>Puts the hook into a guest's table.</summary>
    public static void Hook(BootServices* services) => services->InstallConfigurationTable = &InstallConfigurationTable;

    /// <summary>Makes a parked guest's tables.</summary>
    /// <param name="session">The guest's.</param>
    /// <param name="tables">Zeroed storage in its partition.</param>
    /// <param name="capacity">How many there can be.</param>
    /// <param name="properties">Storage in its partition.</param>
    public static bool CreateForParked(Session* session, ConfigurationTable* tables, int capacity, RuntimeProperties* properties)
    {
        session->Tables = tables;
        session->TableCapacity = capacity;
        SystemTable* system = session->SystemTable;
        system->ConfigurationTable = tables;
        system->NumberOfTableEntries = 0;

        properties->Version = RuntimeProperties.CurrentVersion;
        properties->Length = (ushort)sizeof(RuntimeProperties);
        properties->RuntimeServicesSupported = 0;
        Set(session, session->Guest->RsdpGuid, (void*)session->Guest->Rsdp);
        Set(session, ConfigurationTable.RuntimeProperties, properties);
        return CopySmbios(session, ConfigurationTable.Smbios) && CopySmbios(session, ConfigurationTable.Smbios3);
    }

    /// <summary>Puts the guest's ACPI tables into the place of the firmware's.</summary>
    public static bool UseFirmwares(Session* session)
    {
        return UseOwnRsdp(session, ConfigurationTable.Acpi20, session->Guest->RsdpGuid == ConfigurationTable.Acpi20)
            && UseOwnRsdp(session, ConfigurationTable.Acpi10, true);
    }

    private static bool UseOwnRsdp(Session* session, Guid guid, bool isWanted)
    {
        if (session->Firmware->ConfigurationTable(guid) == null)
            return true;
        return !Replace(session, guid, isWanted ? (void*)session->Guest->Rsdp : null).IsError;
    }

    private static bool CopySmbios(Session* session, Guid guid)
    {
        void* original = session->Firmware->ConfigurationTable(guid);
        void* copy = original == null ? null : SmbiosCopy.Make(session, original);
        return copy == null || !Set(session, guid, copy).IsError;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus InstallConfigurationTable(Guid* guid, void* table)
    {
        Session* session = Session.Current;
        if (guid == null)
            return EfiStatus.InvalidParameter;
        return session->IsParked ? Set(session, *guid, table) : Replace(session, *guid, table);
    }

    /// <summary>Changes the firmware's own tables, until they are changed back.</summary>
    private static EfiStatus Replace(Session* session, Guid guid, void* table)
    {
        if (!session->Journal.HasRoom)
            return EfiStatus.OutOfResources;
        void* previous = session->Firmware->ConfigurationTable(guid);
        EfiStatus status = session->Firmware->Services->InstallConfigurationTable(&guid, table);
        if (!status.IsError)
            session->Journal.Add(new JournalEntry { Kind = JournalKind.ConfigurationTable, Guid = guid, Previous = previous });
        return status;
    }

    /// <summary>Adds, changes or removes one of a parked guest's tables (UEFI 2.10, 7.5.6 InstallConfigurationTable()).</summary>
    private static EfiStatus Set(Session* session, Guid guid, void* table)
    {
        SystemTable* system = session->SystemTable;
        int count = (int)system->NumberOfTableEntries;
        int index = 0;
        while (index < count && session->Tables[index].VendorGuid != guid)
            index++;
        if (table == null)
        {
            if (index == count)
                return EfiStatus.NotFound;
            for (int i = index + 1; i < count; i++)
                session->Tables[i - 1] = session->Tables[i];
            count--;
        }
        else
        {
            if (index == session->TableCapacity)
                return EfiStatus.OutOfResources;
            session->Tables[index].VendorGuid = guid;
            session->Tables[index].VendorTable = table;
            if (index == count)
                count++;
        }

        system->NumberOfTableEntries = (nuint)count;
        session->Firmware->UpdateChecksum(&system->Hdr);
        return EfiStatus.Success;
    }
}

using System;
using System.Runtime.InteropServices;
using Switcher.Efi.Guests;
using Switcher.Efi.Services;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Loader;

/// <summary>
/// The configuration tables of the running guest (UEFI 2.10, 4.6 "EFI Configuration Table &amp; Properties Table"). It sees only what was
/// made or copied for it: all other tables, and most of what they point to, lie in the firmware's memory. That leaves out the firmware's
/// own (HOB list, DXE services, debug image info, TPM logs), of which an OS needs none; the system resource table (23.4), which invites to
/// capsules, and there are none here; and the conformance profiles (4.6.5), since a guest's services are not the firmware's.
/// </summary>
internal static unsafe class ConfigurationTables
{
    /// <summary>Puts the hook into a guest's table.</summary>
    public static void Hook(BootServices* services) => services->InstallConfigurationTable = &InstallConfigurationTable;

    /// <summary>Makes the guest's tables.</summary>
    public static bool Create(Session* session)
    {
        GuestRuntime* runtime = &session->Guest->Runtime;
        Set(session, session->Guest->RsdpGuid, (void*)session->Guest->Rsdp);
        Set(session, ConfigurationTable.RuntimeProperties, runtime->Properties);
        Set(session, ConfigurationTable.MemoryAttributes, runtime->Attributes);
        return CopySmbios(session, ConfigurationTable.Smbios) && CopySmbios(session, ConfigurationTable.Smbios3);
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
        return Set(session, *guid, table);
    }

    /// <summary>Adds, changes or removes one of the guest's tables (UEFI 2.10, 7.5.6 InstallConfigurationTable()).</summary>
    private static EfiStatus Set(Session* session, Guid guid, void* table)
    {
        SystemTable* system = session->SystemTable;
        ConfigurationTable* tables = session->Guest->Runtime.Tables;
        int count = (int)system->NumberOfTableEntries;
        int index = 0;
        while (index < count && tables[index].VendorGuid != guid)
            index++;
        if (table == null)
        {
            if (index == count)
                return EfiStatus.NotFound;
            for (int i = index + 1; i < count; i++)
                tables[i - 1] = tables[i];
            count--;
        }
        else
        {
            if (index == RuntimeTables.TableCapacity)
                return EfiStatus.OutOfResources;
            tables[index].VendorGuid = guid;
            tables[index].VendorTable = table;
            if (index == count)
                count++;
        }

        system->NumberOfTableEntries = (nuint)count;
        session->Firmware->UpdateChecksum(&system->Hdr);
        return EfiStatus.Success;
    }
}

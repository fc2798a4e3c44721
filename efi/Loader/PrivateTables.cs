using System;
using Switcher.Boot.Memory;
using Switcher.Efi.Cpu;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;
using MemoryType = Switcher.Boot.Memory.MemoryType;

namespace Switcher.Efi.Loader;

/// <summary>
/// The UEFI tables of the running guest. A parked guest has all of them to itself, in its partition: by the time it runs, the firmware's
/// belong to another guest. The one that starts first keeps the firmware's own, whose addresses SetVirtualAddressMap() will change, and
/// only finds other boot services in them.
/// </summary>
internal static unsafe class PrivateTables
{
    // A page for the three tables and the vendor's name, then a page for the code.
    private const int TablesOffset = 0;
    private const int RuntimeOffset = 256;
    private const int VendorOffset = 512;
    private const int PropertiesOffset = 1008;
    private const int ConfigurationOffset = 1024;
    private const int MaximumVendor = (PropertiesOffset - VendorOffset) / sizeof(char);

    /// <summary>Makes the tables of the running guest, in its partition.</summary>
    public static bool Create(Session* session)
    {
        ulong length = Math.Max((ulong)sizeof(BootServices), session->Firmware->Services->Hdr.HeaderSize);
        session->Services = (BootServices*)MemoryServices.Allocate(session, MemoryType.BootServicesData, length);
        if (session->Services == null)
            return false;
        new ReadOnlySpan<byte>(session->Firmware->Services, (int)length).CopyTo(new Span<byte>(session->Services, (int)length));
        MemoryServices.Hook(session->Services);
        EventServices.Hook(session->Services);
        ProtocolServices.Hook(session->Services);
        ImageServices.Hook(session->Services);
        ConfigurationTables.Hook(session->Services);
        if (!ExitServices.Hook(session))
            return false;
        session->Firmware->UpdateChecksum(&session->Services->Hdr);
        return session->IsParked ? CreateForParked(session) : UseFirmwares(session);
    }

    /// <summary>
    /// Gives the firmware its own tables back. Only what Switcher changed: after a loader failed the firmware goes on with them.
    /// </summary>
    public static void Restore(Session* session)
    {
        if (session->IsParked)
            return;
        session->Firmware->Table->BootServices = session->Firmware->Services;
        session->Firmware->UpdateChecksum(&session->Firmware->Table->Hdr);
    }

    private static bool UseFirmwares(Session* session)
    {
        session->SystemTable = session->Firmware->Table;
        session->Firmware->Table->BootServices = session->Services;
        session->Firmware->UpdateChecksum(&session->Firmware->Table->Hdr);
        return ConfigurationTables.UseFirmwares(session);
    }

    private static bool CreateForParked(Session* session)
    {
        // Runtime memory, because an OS may go on using these tables; it is the guest's only runtime memory.
        var page = (byte*)MemoryServices.Allocate(session, MemoryType.RuntimeServicesData, PageSize.Small);
        session->Code = (byte*)MemoryServices.Allocate(session, MemoryType.RuntimeServicesCode, PageSize.Small);
        if (page == null || session->Code == null)
            return false;
        new Span<byte>(page, (int)PageSize.Small).Clear();
        BootStubs.CopyPartitionCode(session->Code);

        var table = (SystemTable*)(page + TablesOffset);
        *table = *session->Firmware->Table;
        table->Hdr.HeaderSize = (uint)sizeof(SystemTable);
        table->FirmwareVendor = CopyVendor(session, (char*)(page + VendorOffset));
        table->BootServices = session->Services;
        table->RuntimeServices = CopyRuntimeServices(session, (RuntimeServices*)(page + RuntimeOffset));
        session->SystemTable = table;
        return ConfigurationTables.CreateForParked(
            session,
            (ConfigurationTable*)(page + ConfigurationOffset),
            ((int)PageSize.Small - ConfigurationOffset) / sizeof(ConfigurationTable),
            (RuntimeProperties*)(page + PropertiesOffset));
    }

    /// <summary>While boot services last, the services are the firmware's: loaders read Secure Boot's state and keep variables.</summary>
    private static RuntimeServices* CopyRuntimeServices(Session* session, RuntimeServices* copy)
    {
        *copy = *session->Firmware->Table->RuntimeServices;
        copy->Hdr.HeaderSize = (uint)sizeof(RuntimeServices);
        session->Firmware->UpdateChecksum(&copy->Hdr);
        return copy;
    }

    private static char* CopyVendor(Session* session, char* copy)
    {
        char* vendor = session->Firmware->Table->FirmwareVendor;
        for (int i = 0; vendor != null && i < MaximumVendor - 1 && vendor[i] != '\0'; i++)
            copy[i] = vendor[i];
        return copy;
    }
}

using System;
using Switcher.Boot.Memory;
using Switcher.Efi.Cpu;
using Switcher.Efi.Firmware;
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

    private static BootServices* s_services;
    private static byte* s_code;

    /// <summary>Makes the tables of the running guest, in its partition.</summary>
    public static bool Create()
    {
        ulong length = Math.Max((ulong)sizeof(BootServices), FirmwareAccess.Services->Hdr.HeaderSize);
        s_services = (BootServices*)MemoryServices.Allocate(MemoryType.BootServicesData, length);
        if (s_services == null)
            return false;
        new ReadOnlySpan<byte>(FirmwareAccess.Services, (int)length).CopyTo(new Span<byte>(s_services, (int)length));
        MemoryServices.Hook(s_services);
        EventServices.Hook(s_services);
        ProtocolServices.Hook(s_services);
        ImageServices.Hook(s_services);
        ConfigurationTables.Hook(s_services);
        if (!ExitServices.Hook(s_services))
            return false;
        FirmwareAccess.UpdateChecksum(&s_services->Hdr);
        return Session.IsParked ? CreateForParked() : UseFirmwares();
    }

    /// <summary>
    /// Gives the firmware its own tables back. Only what Switcher changed: after a loader failed the firmware goes on with them.
    /// </summary>
    public static void Restore()
    {
        if (Session.IsParked)
            return;
        FirmwareAccess.Table->BootServices = FirmwareAccess.Services;
        FirmwareAccess.UpdateChecksum(&FirmwareAccess.Table->Hdr);
    }

    /// <summary>
    /// What the firmware's ExitBootServices does to its own tables (UEFI 2.10, 7.4.6: console and boot services are gone), and what the run
    /// phase needs: runtime services that say that they are not there.
    /// </summary>
    public static void FinishParked()
    {
        SystemTable* table = Session.SystemTable;
        table->ConsoleInHandle = default;
        table->ConIn = null;
        table->ConsoleOutHandle = default;
        table->ConOut = null;
        table->StandardErrorHandle = default;
        table->StdErr = null;
        table->BootServices = null;
        FirmwareAccess.UpdateChecksum(&table->Hdr);

        RuntimeServices* runtime = table->RuntimeServices;
        var unsupported = (ulong)(s_code + PartitionCode.UnsupportedService);
        var functions = (ulong*)((byte*)runtime + sizeof(TableHeader));
        int count = ((int)runtime->Hdr.HeaderSize - sizeof(TableHeader)) / sizeof(ulong);
        for (int i = 0; i < count; i++)
            functions[i] = unsupported;
        FirmwareAccess.UpdateChecksum(&runtime->Hdr);
    }

    private static bool UseFirmwares()
    {
        Session.SystemTable = FirmwareAccess.Table;
        FirmwareAccess.Table->BootServices = s_services;
        FirmwareAccess.UpdateChecksum(&FirmwareAccess.Table->Hdr);
        return ConfigurationTables.UseFirmwares();
    }

    private static bool CreateForParked()
    {
        // Runtime memory, because an OS may go on using these tables; it is the guest's only runtime memory.
        var page = (byte*)MemoryServices.Allocate(MemoryType.RuntimeServicesData, PageSize.Small);
        s_code = (byte*)MemoryServices.Allocate(MemoryType.RuntimeServicesCode, PageSize.Small);
        if (page == null || s_code == null)
            return false;
        new Span<byte>(page, (int)PageSize.Small).Clear();
        BootStubs.CopyPartitionCode(s_code);

        var table = (SystemTable*)(page + TablesOffset);
        *table = *FirmwareAccess.Table;
        table->Hdr.HeaderSize = (uint)sizeof(SystemTable);
        table->FirmwareVendor = CopyVendor((char*)(page + VendorOffset));
        table->BootServices = s_services;
        table->RuntimeServices = CopyRuntimeServices((RuntimeServices*)(page + RuntimeOffset));
        Session.SystemTable = table;
        return ConfigurationTables.CreateForParked(
            (ConfigurationTable*)(page + ConfigurationOffset),
            ((int)PageSize.Small - ConfigurationOffset) / sizeof(ConfigurationTable),
            (RuntimeProperties*)(page + PropertiesOffset));
    }

    /// <summary>While boot services last, the services are the firmware's: loaders read Secure Boot's state and keep variables.</summary>
    private static RuntimeServices* CopyRuntimeServices(RuntimeServices* copy)
    {
        *copy = *FirmwareAccess.Table->RuntimeServices;
        copy->Hdr.HeaderSize = (uint)sizeof(RuntimeServices);
        FirmwareAccess.UpdateChecksum(&copy->Hdr);
        return copy;
    }

    private static char* CopyVendor(char* copy)
    {
        char* vendor = FirmwareAccess.Table->FirmwareVendor;
        for (int i = 0; vendor != null && i < MaximumVendor - 1 && vendor[i] != '\0'; i++)
            copy[i] = vendor[i];
        return copy;
    }
}

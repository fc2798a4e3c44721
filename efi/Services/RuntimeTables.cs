using System;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Services;

/// <summary>
/// Makes what a guest has of UEFI in the run phase: a system table and runtime services of its own (UEFI 2.10, 4.3 "EFI System Table" and
/// 4.5 "EFI Runtime Services Table"), which lead to its mailbox.
/// </summary>
internal static unsafe class RuntimeTables
{
    // The mailbox, then a page with everything else.
    private const int RuntimeOffset = ServiceMailbox.Length + 0x100;
    private const int PropertiesOffset = ServiceMailbox.Length + 0x190;
    private const int AttributesOffset = ServiceMailbox.Length + 0x1A0;
    private const int VendorOffset = ServiceMailbox.Length + 0x210;
    private const int TablesOffset = ServiceMailbox.Length + 0x400;
    private const int MaximumVendor = (TablesOffset - VendorOffset) / sizeof(char);

    /// <summary>Bytes of data memory that a guest needs, in whole pages.</summary>
    public const int DataLength = ServiceMailbox.Length + MemoryDescriptor.PageSize;

    /// <summary>Configuration tables that there is room for.</summary>
    public static int TableCapacity => (DataLength - TablesOffset) / sizeof(ConfigurationTable);

    /// <summary>
    /// Makes a guest's tables. Until <see cref="BeginRunPhase"/> its runtime services are the firmware's own; its boot services, console
    /// and configuration tables (there are none yet) are the caller's to set, and after that the system table's checksum.
    /// </summary>
    /// <param name="guest">Is filled.</param>
    /// <param name="firmware">Whose services they are.</param>
    /// <param name="data">Zeroed pages of the guest's RuntimeServicesData.</param>
    /// <param name="dataBytes">At least <see cref="DataLength"/>, in whole pages: all that the guest's memory map has there.</param>
    /// <param name="shim">The page of the guest's RuntimeServicesCode with the shim's code.</param>
    /// <returns>False if the memory is too little.</returns>
    public static bool Create(GuestRuntime* guest, UefiFirmware* firmware, byte* data, ulong dataBytes, ServiceShim* shim)
    {
        *guest = default;
        if (dataBytes < DataLength)
            return false;
        guest->Data = data;
        guest->DataBytes = dataBytes;
        guest->Mailbox = (ServiceMailbox*)data;
        guest->SystemTable = (SystemTable*)(data + ServiceMailbox.Length);
        guest->Services = (RuntimeServices*)(data + RuntimeOffset);
        guest->Properties = (RuntimePropertiesTable*)(data + PropertiesOffset);
        guest->Attributes = (MemoryAttributesTable*)(data + AttributesOffset);
        guest->Vendor = (char*)(data + VendorOffset);
        guest->Tables = (ConfigurationTable*)(data + TablesOffset);
        guest->Shim = shim;
        guest->Revision = Math.Min(firmware->Table->RuntimeServices->Hdr.Revision, RuntimeServices.TableRevision);
        shim->Mailbox = (ulong)guest->Mailbox;

        CopyVendor(firmware->Table->FirmwareVendor, guest->Vendor);
        CopyServices(firmware, guest);
        *guest->SystemTable = *firmware->Table;
        guest->SystemTable->Hdr.HeaderSize = (uint)sizeof(SystemTable);
        guest->SystemTable->FirmwareVendor = guest->Vendor;
        guest->SystemTable->RuntimeServices = guest->Services;
        guest->SystemTable->ConfigurationTable = guest->Tables;
        guest->SystemTable->NumberOfTableEntries = 0;
        firmware->UpdateChecksum(&guest->SystemTable->Hdr);
        DescribeServices(guest->Properties);
        DescribeMemory(guest);
        return true;
    }

    /// <summary>
    /// What the firmware's ExitBootServices does to its own tables (UEFI 2.10, 7.4.6: console and boot services are gone), and what the run
    /// phase needs: runtime services that come to the firmware's side.
    /// </summary>
    public static void BeginRunPhase(GuestRuntime* guest, UefiFirmware* firmware)
    {
        FillServices(guest->Services, guest->Revision, (ulong)guest->Shim);
        firmware->UpdateChecksum(&guest->Services->Hdr);

        SystemTable* table = guest->SystemTable;
        table->Hdr.HeaderSize = (uint)sizeof(SystemTable);
        table->ConsoleInHandle = default;
        table->ConIn = null;
        table->ConsoleOutHandle = default;
        table->ConOut = null;
        table->StandardErrorHandle = default;
        table->StdErr = null;
        table->BootServices = null;
        firmware->UpdateChecksum(&table->Hdr);
    }

    /// <summary>Makes a table of a shim's services; the checksum is the caller's.</summary>
    /// <param name="table">Is filled.</param>
    /// <param name="revision">For its header.</param>
    /// <param name="shim">Where the guest that calls them has its shim.</param>
    public static void FillServices(RuntimeServices* table, uint revision, ulong shim)
    {
        table->Hdr = new TableHeader
        {
            Signature = RuntimeServices.TableSignature,
            Revision = revision,
            HeaderSize = (uint)sizeof(RuntimeServices),
        };

        // SAFETY: behind the header the table is pointers in the order of RuntimeService.
        var functions = (ulong*)(&table->Hdr + 1);
        for (int i = 0; i < ServiceShim.Services; i++)
            functions[i] = shim + (ulong)ServiceShim.EntryOf((RuntimeService)i);
    }

    /// <summary>While boot services last, the services are the firmware's: loaders read Secure Boot's state and keep variables.</summary>
    private static void CopyServices(UefiFirmware* firmware, GuestRuntime* guest)
    {
        // An older table is shorter; what it lacks stays null.
        RuntimeServices* services = firmware->Table->RuntimeServices;
        int length = (int)Math.Min(services->Hdr.HeaderSize, (uint)sizeof(RuntimeServices));
        new ReadOnlySpan<byte>(services, length).CopyTo(new Span<byte>(guest->Services, length));
        guest->Services->Hdr.Revision = guest->Revision;
        guest->Services->Hdr.HeaderSize = (uint)sizeof(RuntimeServices);
        firmware->UpdateChecksum(&guest->Services->Hdr);
    }

    private static void CopyVendor(char* vendor, char* copy)
    {
        for (int i = 0; vendor != null && i < MaximumVendor - 1 && vendor[i] != '\0'; i++)
            copy[i] = vendor[i];
    }

    private static void DescribeServices(RuntimePropertiesTable* properties)
    {
        const SupportedServices Capsules = SupportedServices.UpdateCapsule | SupportedServices.QueryCapsuleCapabilities;
        properties->Version = RuntimePropertiesTable.CurrentVersion;
        properties->Length = (ushort)sizeof(RuntimePropertiesTable);
        properties->RuntimeServicesSupported = SupportedServices.All & ~Capsules;
    }

    /// <summary>The guest's two runtime regions by their addresses (UEFI 2.10, 4.6.4); the guest writes nothing in the code.</summary>
    private static void DescribeMemory(GuestRuntime* guest)
    {
        MemoryAttributesTable* table = guest->Attributes;
        table->Version = MemoryAttributesTable.FirstVersion;
        table->NumberOfEntries = 2;
        table->DescriptorSize = (uint)sizeof(MemoryDescriptor);
        var entries = (MemoryDescriptor*)(table + 1);
        bool isCodeFirst = (ulong)guest->Shim < (ulong)guest->Data;
        entries[isCodeFirst ? 0 : 1] = new MemoryDescriptor
        {
            Type = MemoryType.RuntimeServicesCode,
            PhysicalStart = (ulong)guest->Shim,
            NumberOfPages = ServiceShim.Length / MemoryDescriptor.PageSize,
            Attribute = MemoryAttributes.ReadOnly | MemoryAttributes.Runtime,
        };
        entries[isCodeFirst ? 1 : 0] = new MemoryDescriptor
        {
            Type = MemoryType.RuntimeServicesData,
            PhysicalStart = (ulong)guest->Data,
            NumberOfPages = guest->DataBytes / MemoryDescriptor.PageSize,
            Attribute = MemoryAttributes.ExecuteProtected | MemoryAttributes.Runtime,
        };
    }
}

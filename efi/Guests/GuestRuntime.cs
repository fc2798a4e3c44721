using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Guests;

/// <summary>
/// What a guest calls the firmware with in the run phase, at physical addresses: all of it in the guest's RuntimeServicesCode and
/// RuntimeServicesData memory, where the guest can change it. This structure itself is not the guest's, so that what it says holds.
/// </summary>
internal unsafe struct GuestRuntime
{
    /// <summary>Start and bytes of the data memory, in whole pages; everything below lies in it except <see cref="Shim"/>.</summary>
    public byte* Data;
    public ulong DataBytes;

    public SystemTable* SystemTable;
    public RuntimeServices* Services;

    /// <summary>The firmware vendor's name.</summary>
    public char* Vendor;

    /// <summary>The guest's configuration tables; their number is in the system table.</summary>
    public ConfigurationTable* Tables;

    /// <summary>What the guest finds in its configuration tables about its runtime services.</summary>
    public RuntimePropertiesTable* Properties;
    public MemoryAttributesTable* Attributes;

    public ServiceMailbox* Mailbox;

    /// <summary>The one page of code.</summary>
    public ServiceShim* Shim;

    /// <summary>What the header of <see cref="Services"/> says.</summary>
    public uint Revision;

    /// <summary>SetVirtualAddressMap() has succeeded: it does so once (UEFI 2.10, 8.4.1).</summary>
    public bool IsVirtual;
}

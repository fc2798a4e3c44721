using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Services;

/// <summary>
/// A guest that moves its runtime services to addresses of its own: UEFI 2.10, 8.4 "Virtual Memory Services". The firmware stays where it
/// is; only pointers in the guest's own memory change.
/// </summary>
internal static unsafe class VirtualAddresses
{
    /// <summary>
    /// UEFI 2.10, 8.4.1: size of the map, size of a descriptor, their version, map. All pointers change, or after any error none. What they
    /// were is not read: the guest can have changed them, and this side knows where everything is. Like EDK II's this leaves the pointers
    /// in the configuration tables alone; unlike EDK II's it also moves the two services of this section, which go on answering.
    /// </summary>
    public static EfiStatus SetMap(ServiceState* state, UefiFirmware* firmware, GuestRuntime* guest)
    {
        if (guest->IsVirtual)
            return EfiStatus.Unsupported;
        ulong size = ServiceState.Argument(state, 0);
        ulong stride = ServiceState.Argument(state, 1);
        if ((uint)ServiceState.Argument(state, 2) != MemoryDescriptor.CurrentVersion || stride < (ulong)sizeof(MemoryDescriptor))
            return EfiStatus.InvalidParameter;
        if (size == 0 || size % stride != 0 || ServiceState.IsNull(state, 3))
            return EfiStatus.InvalidParameter;
        if (size > ServiceMailbox.DataCapacity)
            return EfiStatus.OutOfResources;
        var map = new AddressMap(state->Data, size, stride);
        if (size > (ulong)state->DataBytes || !map.IsSound)
            return EfiStatus.InvalidParameter;

        EfiStatus status = map.Find((ulong)guest->Data, guest->DataBytes, out ulong data);
        if (status.IsError)
            return status;
        status = map.Find((ulong)guest->Shim, ServiceShim.Length, out ulong shim);
        if (status.IsError)
            return status;

        // Both in one place is no mapping that could work; either is a range, as all entries are.
        if (data <= shim + (ServiceShim.Length - 1) && shim <= data + (guest->DataBytes - 1))
            return EfiStatus.InvalidParameter;
        Move(firmware, guest, data, shim);
        return EfiStatus.Success;
    }

    /// <summary>
    /// UEFI 2.10, 8.4.2: how, pointer to a pointer. Only inside of SetVirtualAddressMap(), where nothing of the guest's runs, could a
    /// pointer be converted. At all other times EDK II has no map to look into and finds nothing: EFI_NOT_FOUND, as here.
    /// </summary>
    public static EfiStatus ConvertPointer(ServiceState* state)
    {
        // EFI_OPTIONAL_PTR: a null pointer stays one.
        const ulong Optional = 1;
        if (ServiceState.IsNull(state, 1))
            return EfiStatus.InvalidParameter;
        if (*ServiceState.Slot<ulong>(state, 1) != 0)
            return EfiStatus.NotFound;
        return (ServiceState.Argument(state, 0) & Optional) != 0 ? EfiStatus.Success : EfiStatus.InvalidParameter;
    }

    /// <param name="data">The data memory's virtual address.</param>
    /// <param name="shim">The code's.</param>
    private static void Move(UefiFirmware* firmware, GuestRuntime* guest, ulong data, ulong shim)
    {
        // Each table is finished here first: its checksum is that of bytes that nobody else can change, over a length that is known.
        RuntimeServices services;
        RuntimeTables.FillServices(&services, guest->Revision, shim);
        firmware->UpdateChecksum(&services.Hdr);

        SystemTable system = *guest->SystemTable;
        system.Hdr.HeaderSize = (uint)sizeof(SystemTable);
        system.FirmwareVendor = (char*)Moved(guest, guest->Vendor, data);
        system.RuntimeServices = (RuntimeServices*)Moved(guest, guest->Services, data);
        system.ConfigurationTable = (ConfigurationTable*)Moved(guest, guest->Tables, data);
        firmware->UpdateChecksum(&system.Hdr);

        *guest->Services = services;
        *guest->SystemTable = system;
        guest->Shim->Mailbox = Moved(guest, guest->Mailbox, data);
        guest->IsVirtual = true;
    }

    private static ulong Moved(GuestRuntime* guest, void* pointer, ulong data) => data + (ulong)((byte*)pointer - guest->Data);
}

using Switcher.Efi.Uefi;

namespace Switcher.Efi.Services;

/// <summary>
/// The map that a guest hands to SetVirtualAddressMap() (UEFI 2.10, 8.4.1), in memory of this side. Only its entries with
/// EFI_MEMORY_RUNTIME count; those of other memory than the guest's runtime services have nobody to tell.
/// </summary>
/// <param name="entries">The first descriptor.</param>
/// <param name="size">Bytes of all; a multiple of <paramref name="stride"/>.</param>
/// <param name="stride">From one to the next, at least a descriptor's size.</param>
internal readonly unsafe struct AddressMap(byte* entries, ulong size, ulong stride)
{
    private const ulong PageSize = MemoryDescriptor.PageSize;

    private int Count => (int)(size / stride);

    /// <summary>Whether every entry's addresses are a range: on pages, without an end beyond that of the address space.</summary>
    public bool IsSound
    {
        get
        {
            for (int i = 0; i < Count; i++)
            {
                MemoryDescriptor* entry = At(i);
                if (!IsRuntime(entry))
                    continue;
                if (entry->NumberOfPages > ulong.MaxValue / PageSize
                    || !IsRange(entry->PhysicalStart, entry->NumberOfPages * PageSize)
                    || !IsRange(entry->VirtualStart, entry->NumberOfPages * PageSize))
                    return false;
            }

            return true;
        }
    }

    /// <summary>Where a range will be, of which the guest's code expects that it stays in one piece.</summary>
    /// <param name="start">Its physical address.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="address">Its virtual address.</param>
    /// <returns>EFI_NO_MAPPING without an entry for all of it; EFI_INVALID_PARAMETER where entries contradict each other.</returns>
    public EfiStatus Find(ulong start, ulong length, out ulong address)
    {
        bool isFound = false;
        address = 0;
        for (int i = 0; i < Count; i++)
        {
            MemoryDescriptor* entry = At(i);
            if (!IsRuntime(entry) || start > LastOf(entry) || entry->PhysicalStart > start + length - 1)
                continue;
            ulong moved = start - entry->PhysicalStart + entry->VirtualStart;
            if (isFound && moved != address)
                return EfiStatus.InvalidParameter;
            address = moved;
            isFound = true;
        }

        ulong next = start;
        while (next < start + length)
        {
            ulong reached = EndFrom(next);
            if (reached == next)
                return EfiStatus.NoMapping;
            next = reached;
        }

        return EfiStatus.Success;
    }

    /// <summary>How far an entry that holds an address goes on; the address itself if there is none.</summary>
    private ulong EndFrom(ulong address)
    {
        for (int i = 0; i < Count; i++)
        {
            MemoryDescriptor* entry = At(i);
            if (IsRuntime(entry) && entry->PhysicalStart <= address && address <= LastOf(entry))
                return LastOf(entry) == ulong.MaxValue ? ulong.MaxValue : LastOf(entry) + 1;
        }

        return address;
    }

    // SAFETY: below the count, which the size gives.
    private MemoryDescriptor* At(int index) => (MemoryDescriptor*)(entries + ((ulong)index * stride));

    private static bool IsRuntime(MemoryDescriptor* entry) =>
        (entry->Attribute & MemoryAttributes.Runtime) != 0 && entry->NumberOfPages != 0;

    private static ulong LastOf(MemoryDescriptor* entry) => entry->PhysicalStart + (entry->NumberOfPages * PageSize) - 1;

    private static bool IsRange(ulong start, ulong length) => start % PageSize == 0 && length - 1 <= ulong.MaxValue - start;
}

using System;
using Switcher.Boot.Text;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Firmware;

/// <summary>The firmware that started Switcher: its own tables, never those that a guest gets to see.</summary>
internal unsafe struct UefiFirmware
{
    /// <summary>Switcher's image handle.</summary>
    public Handle Image;

    public SystemTable* Table;

    /// <summary>The firmware's boot services.</summary>
    public BootServices* Services;

    /// <summary>Its memory map, as it was read last.</summary>
    public FirmwareMap Map;

    /// <summary>What the user will be told if Switcher does not run.</summary>
    public Refusal Refusal;

    /// <summary>Whether every driver has been asked to look at every device.</summary>
    public bool HasConnectedAll;

    /// <summary>Whether there is something on the console that the user should have time to read.</summary>
    public bool HasWarned;

    /// <summary>Takes over from the firmware: from here on the rest works.</summary>
    public void Start(Handle image, SystemTable* table)
    {
        Image = image;
        Table = table;
        Services = table->BootServices;
        byte* ring = (byte*)Allocate(Log.RingLength);
        if (ring != null)
            Log.UseRing(ring);

        var line = new LogLine("STEP firmware"u8);
        line.Quoted("version"u8, SwitcherVersion.Text);
        LoadedImage* self = Interface<LoadedImage>(image, LoadedImage.Protocol);
        if (self != null)
            line.Hex("image"u8, (ulong)self->ImageBase);
        line.WriteTo<Log>();
    }

    /// <summary>Zeroed pages for the boot side's own use, or null.</summary>
    /// <param name="bytes">Rounded up to pages.</param>
    public readonly void* Allocate(ulong bytes)
    {
        ulong address = 0;
        nuint pages = (nuint)((bytes + MemoryDescriptor.PageSize - 1) / MemoryDescriptor.PageSize);
        if (Services->AllocatePages(AllocateType.AnyPages, MemoryType.BootServicesData, pages, &address).IsError)
            return null;
        // SAFETY: the pages are ours.
        new Span<byte>((void*)address, (int)pages * MemoryDescriptor.PageSize).Clear();
        return (void*)address;
    }

    /// <summary>Gives back what <see cref="Allocate(ulong)"/> gave; null is nothing.</summary>
    public readonly void Release(void* memory, ulong bytes)
    {
        if (memory != null)
            Services->FreePages((ulong)memory, (nuint)((bytes + MemoryDescriptor.PageSize - 1) / MemoryDescriptor.PageSize));
    }

    /// <summary>Zeroed memory for <paramref name="count"/> elements, or null.</summary>
    public readonly T* Allocate<T>(int count)
        where T : unmanaged => (T*)Allocate((ulong)count * (ulong)sizeof(T));

    /// <summary>The interface of a protocol on a handle, or null.</summary>
    public readonly T* Interface<T>(Handle handle, Guid protocol)
        where T : unmanaged
    {
        void* found = null;
        return Services->HandleProtocol(handle, &protocol, &found).IsError ? null : (T*)found;
    }

    /// <summary>The only interface of a protocol in the machine, or null.</summary>
    public readonly T* Locate<T>(Guid protocol)
        where T : unmanaged
    {
        void* found = null;
        return Services->LocateProtocol(&protocol, null, &found).IsError ? null : (T*)found;
    }

    /// <summary>What the firmware has under a GUID in its configuration table, or null.</summary>
    public readonly void* ConfigurationTable(Guid guid)
    {
        for (nuint i = 0; i < Table->NumberOfTableEntries; i++)
        {
            if (Table->ConfigurationTable[i].VendorGuid == guid)
                return Table->ConfigurationTable[i].VendorTable;
        }

        return null;
    }

    /// <summary>Makes a table's checksum right again (UEFI 2.10, 4.2).</summary>
    public readonly void UpdateChecksum(TableHeader* table)
    {
        uint crc = 0;
        table->Crc32 = 0;
        Services->CalculateCrc32(table, table->HeaderSize, &crc);
        table->Crc32 = crc;
    }

    /// <summary>Writes a warning on the log and on the firmware's console.</summary>
    /// <param name="text">A whole line of the log.</param>
    public void Warn(scoped ReadOnlySpan<byte> text)
    {
        Log.Line(text);
        Print(text);
        HasWarned = true;
    }

    /// <summary>Prints one line on the firmware's console.</summary>
    /// <param name="text">ASCII without control characters.</param>
    public readonly void Print(ReadOnlySpan<byte> text)
    {
        if (Table->ConOut == null)
            return;
        char* line = stackalloc char[LogLine.Capacity + 3];
        int length = 0;
        for (int i = 0; i < text.Length && i < LogLine.Capacity; i++)
            line[length++] = (char)text[i];
        line[length++] = '\r';
        line[length++] = '\n';
        line[length] = '\0';
        Table->ConOut->OutputString(Table->ConOut, line);
    }
}

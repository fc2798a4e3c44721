using System;
using Switcher.Boot.Text;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Firmware;

/// <summary>The firmware that started Switcher: its own tables, never those that a guest gets to see.</summary>
internal static unsafe class FirmwareAccess
{
    /// <summary>Switcher's image handle.</summary>
    public static Handle Image { get; private set; }

    public static SystemTable* Table { get; private set; }

    /// <summary>
    /// The firmware's boot services. Kept, because the system table's pointer is another one while the last guest's loader runs.
    /// </summary>
    public static BootServices* Services { get; private set; }

    /// <summary>Takes over from the firmware: from here on the rest of this class works.</summary>
    public static void Start(Handle image, SystemTable* table)
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
    public static void* Allocate(ulong bytes)
    {
        ulong address = 0;
        nuint pages = (nuint)((bytes + MemoryDescriptor.PageSize - 1) / MemoryDescriptor.PageSize);
        if (Services->AllocatePages(AllocateType.AnyPages, MemoryType.BootServicesData, pages, &address).IsError)
            return null;
        // SAFETY: the pages are ours.
        new Span<byte>((void*)address, (int)pages * MemoryDescriptor.PageSize).Clear();
        return (void*)address;
    }

    /// <summary>Zeroed memory for <paramref name="count"/> elements, or null.</summary>
    public static T* Allocate<T>(int count)
        where T : unmanaged => (T*)Allocate((ulong)count * (ulong)sizeof(T));

    /// <summary>The interface of a protocol on a handle, or null.</summary>
    public static T* Interface<T>(Handle handle, Guid protocol)
        where T : unmanaged
    {
        void* found = null;
        return Services->HandleProtocol(handle, &protocol, &found).IsError ? null : (T*)found;
    }

    /// <summary>The only interface of a protocol in the machine, or null.</summary>
    public static T* Locate<T>(Guid protocol)
        where T : unmanaged
    {
        void* found = null;
        return Services->LocateProtocol(&protocol, null, &found).IsError ? null : (T*)found;
    }

    /// <summary>Makes a table's checksum right again (UEFI 2.10, 4.2).</summary>
    public static void UpdateChecksum(TableHeader* table)
    {
        uint crc = 0;
        table->Crc32 = 0;
        Services->CalculateCrc32(table, table->HeaderSize, &crc);
        table->Crc32 = crc;
    }

    /// <summary>Prints one line on the firmware's console.</summary>
    /// <param name="text">ASCII without control characters.</param>
    public static void Print(ReadOnlySpan<byte> text)
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

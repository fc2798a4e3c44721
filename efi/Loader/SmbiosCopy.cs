using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Partition;
using Switcher.Efi.Firmware;

namespace Switcher.Efi.Loader;

/// <summary>A guest's copy of the SMBIOS tables: the firmware keeps them in runtime memory, which no guest sees.</summary>
internal static unsafe class SmbiosCopy
{
    private const int TableOffset = SmbiosEntryPoint.LargestSize;
    private const ulong FourGibibytes = 4 * PageSize.Huge;

    /// <summary>Copies an entry point and its structure table into the running guest's partition.</summary>
    /// <returns>The copy, or null where there is nothing right to copy.</returns>
    public static void* Make(Session* session, void* entry)
    {
        // SAFETY: the firmware published the entry point in its configuration table, and the entry point names the table.
        var original = new ReadOnlySpan<byte>(entry, SmbiosEntryPoint.LargestSize);
        if (!SmbiosEntryPoint.TryRead(original, out int size, out ulong table, out uint length) || length > int.MaxValue - PageSize.Small)
        {
            Log.Line("WARN the SMBIOS entry point is not valid, guests do without"u8);
            return null;
        }

        // Reserved, as nothing tells an OS to keep it otherwise; below 4 GiB for the 32-bit entry point.
        var copy = (byte*)MemoryServices.Allocate(session, MemoryType.Reserved, TableOffset + (ulong)length, FourGibibytes - 1);
        if (copy == null)
            return null;
        original.Slice(0, size).CopyTo(new Span<byte>(copy, size));
        new ReadOnlySpan<byte>((void*)table, (int)length).CopyTo(new Span<byte>(copy + TableOffset, (int)length));
        SmbiosEntryPoint.MoveTable(new Span<byte>(copy, size), (ulong)copy + TableOffset);
        return copy;
    }
}

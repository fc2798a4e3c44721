using System;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Guest;

/// <summary>Identity-mapped page tables with pages of 2 MiB: SDM vol. 3, 4.5 "4-Level Paging and 5-Level Paging".</summary>
internal static unsafe class PageTables
{
    private const ulong Present = 1;
    private const ulong Writable = 2;
    private const ulong LargePage = 1 << 7;
    private const ulong LargePageSize = 2 << 20;
    private const ulong Entries = 512;
    private const ulong MostGigabytes = 64;

    /// <summary>Physical address of the PML4, below 4 GiB.</summary>
    public static ulong Root { get; private set; }

    /// <summary>Maps the first 4 GiB and all of the guest's memory, at most 64 GiB.</summary>
    public static void Build()
    {
        ulong gigabytes = Math.Max(4, (MemoryMap.UsableEnd() + (1 << 30) - 1) >> 30);
        if (gigabytes > MostGigabytes)
            gigabytes = MostGigabytes;
        Root = Arena.Take(1);
        ulong directoryPointers = Arena.Take(1);
        *(ulong*)Root = directoryPointers | Present | Writable;
        for (ulong i = 0; i < gigabytes; i++)
        {
            ulong directory = Arena.Take(1);
            ((ulong*)directoryPointers)[i] = directory | Present | Writable;
            for (ulong j = 0; j < Entries; j++)
                ((ulong*)directory)[j] = (((i * Entries) + j) * LargePageSize) | LargePage | Present | Writable;
        }
    }

    /// <summary>The first address that is not mapped.</summary>
    public static ulong End => MappedEnd();

    private static ulong MappedEnd()
    {
        ulong* directoryPointers = (ulong*)(*(ulong*)Root & ~(ulong)(MemoryDescriptor.PageSize - 1));
        ulong gigabytes = 0;
        while (gigabytes < Entries && directoryPointers[gigabytes] != 0)
            gigabytes++;
        return gigabytes << 30;
    }
}

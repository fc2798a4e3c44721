using Switcher.Boot.Memory;

namespace Switcher.Hv.Paging;

/// <summary>
/// What stands behind memory that a guest must not see: one page of 0xFF bytes, a table of 512 entries that all lead to it, and one of 512
/// entries that all lead to that. Like an absent device it reads as all ones without an exit. Writes exit. It may be executed, so that a
/// guest that jumps there meets #UD (0xFF 0xFF is no instruction) as it would natively. One set serves all guests with tables of one
/// format.
/// </summary>
public readonly struct AllOnesPages
{
    /// <summary>Whole GiB are one entry.</summary>
    internal const int HighestLevel = 3;

    private readonly ulong page;
    private readonly ulong table;
    private readonly ulong directory;

    private AllOnesPages(HostPhysicalAddress address, ulong page, ulong table, ulong directory)
    {
        Page = address;
        this.page = page;
        this.table = table;
        this.directory = directory;
    }

    /// <summary>The page of ones.</summary>
    public HostPhysicalAddress Page { get; }

    /// <summary>Takes three pages.</summary>
    public static PageTableStatus TryCreate<TFormat, TMemory>(ref PageArena arena, out AllOnesPages pages)
        where TFormat : struct, IPageFormat
        where TMemory : struct, IPhysicalMemory
    {
        pages = default;
        if (!arena.TryTake<TMemory>(out HostPhysicalAddress ones)
            || !arena.TryTake<TMemory>(out HostPhysicalAddress table)
            || !arena.TryTake<TMemory>(out HostPhysicalAddress directory))
            return PageTableStatus.OutOfPages;

        TMemory.Bytes(ones, (int)PageSize.Small).Fill(0xFF);
        ulong page = PageEntry<TFormat>.Leaf(ones, 1, Access.ReadExecute, CacheType.WriteBack);
        Repeat<TMemory>(table, page);
        ulong toTable = PageEntry<TFormat>.Table(table) | PageEntry.Shared;
        Repeat<TMemory>(directory, toTable);
        pages = new AllOnesPages(ones, page, toTable, PageEntry<TFormat>.Table(directory) | PageEntry.Shared);
        return PageTableStatus.Ok;
    }

    /// <summary>The entry of a level (1 to <see cref="HighestLevel"/>) behind which there are only ones.</summary>
    internal ulong Entry(int level) => level switch
    {
        1 => page,
        2 => table,
        _ => directory,
    };

    private static void Repeat<TMemory>(HostPhysicalAddress table, ulong entry)
        where TMemory : struct, IPhysicalMemory
    {
        for (ulong i = 0; i < PageEntry.Count; i++)
            TMemory.At<ulong>(table + (i * sizeof(ulong))) = entry;
    }
}

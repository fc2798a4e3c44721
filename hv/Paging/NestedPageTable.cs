using System;
using Switcher.Boot.Memory;

namespace Switcher.Hv.Paging;

public enum PageTableStatus
{
    Ok,

    /// <summary>The arena for page-table pages is used up.</summary>
    OutOfPages,

    /// <summary>An address or a length is no multiple of 4 KiB.</summary>
    Misaligned,

    /// <summary>A guest-physical address is beyond what the levels translate.</summary>
    OutOfRange,

    /// <summary>A range that a guest must have for its own has no private copy, or not one in one piece.</summary>
    MissingPrivateCopy,
}

/// <summary>What a guest-physical address leads to.</summary>
public readonly struct Translation
{
    public readonly HostPhysicalAddress Address;
    public readonly Access Access;
    public readonly CacheType Type;

    /// <summary>The size of the page that maps it, in bytes.</summary>
    public readonly ulong PageBytes;

    public Translation(HostPhysicalAddress address, Access access, CacheType type, ulong pageBytes)
    {
        Address = address;
        Access = access;
        Type = type;
        PageBytes = pageBytes;
    }
}

/// <summary>
/// Translates guest-physical to host-physical addresses, or, in <see cref="HostFormat"/>, an ordinary address space: pages of 4 KiB, 2 MiB
/// and 1 GiB. The largest pages that fit are used; a later mapping cuts through them. Tables shared with other roots are copied before they
/// are changed. Whoever changes a table in use invalidates the processors' translations. Pages of tables that a larger page replaces are
/// not reused.
/// </summary>
public readonly struct NestedPageTable<TFormat, TMemory>
    where TFormat : struct, IPageFormat
    where TMemory : struct, IPhysicalMemory
{
    private const int Levels = 4;
    private const int LargestLeaf = 3;
    private readonly int levels;
    private readonly int largestLevel;

    private NestedPageTable(HostPhysicalAddress root, int levels, int largestLevel)
    {
        Root = root;
        this.levels = levels;
        this.largestLevel = largestLevel;
    }

    private readonly struct Tables : IPageTables
    {
        public bool TryRead(ulong address, int size, out ulong entry)
        {
            entry = TMemory.At<ulong>(new HostPhysicalAddress(address));
            return true;
        }
    }

    /// <summary>The page of the highest table: what nested CR3, EPTP or CR3 point to.</summary>
    public HostPhysicalAddress Root { get; }

    private ulong AddressLimit => PageEntry.Span(levels + 1);

    /// <summary>A table of four levels that exists, to look addresses up in.</summary>
    public static NestedPageTable<TFormat, TMemory> Open(HostPhysicalAddress root) => new(root, Levels, largestLevel: 1);

    /// <summary>An empty table.</summary>
    /// <param name="arena">Where its pages come from.</param>
    /// <param name="largestPage">The largest page that the processor supports: one of <see cref="PageSize"/>.</param>
    /// <param name="table">The table.</param>
    /// <param name="levels">Its levels, of 9 bits each above the offset in a page.</param>
    public static PageTableStatus TryCreate(
        ref PageArena arena, ulong largestPage, out NestedPageTable<TFormat, TMemory> table, int levels = Levels)
    {
        if (!arena.TryTake<TMemory>(out HostPhysicalAddress root))
        {
            table = default;
            return PageTableStatus.OutOfPages;
        }

        table = new NestedPageTable<TFormat, TMemory>(root, levels, PageEntry.LevelOf(largestPage));
        return PageTableStatus.Ok;
    }

    /// <summary>
    /// A table that maps what this one maps and shares all its tables but the root. This one must not be changed any more.
    /// </summary>
    public PageTableStatus TryShare(ref PageArena arena, out NestedPageTable<TFormat, TMemory> table)
    {
        // The result may be put where this one is.
        bool isCopied = TryCopy(Root, levels, ref arena, out HostPhysicalAddress root);
        table = isCopied ? new NestedPageTable<TFormat, TMemory>(root, levels, largestLevel) : default;
        return isCopied ? PageTableStatus.Ok : PageTableStatus.OutOfPages;
    }

    /// <summary>Pages that the tables take which map all addresses of <paramref name="addressBits"/> to themselves, alike.</summary>
    public static ulong IdentityPages(int addressBits, ulong largestPage, int levels = Levels)
    {
        ulong pages = 0;
        for (int level = PageEntry.LevelOf(largestPage); level <= levels; level++)
            pages += Math.Max(1, (1UL << addressBits) / PageEntry.Span(level + 1));
        return pages;
    }

    /// <summary>Maps a range, replacing what was mapped there.</summary>
    public PageTableStatus Map(
        GuestPhysicalAddress guest, HostPhysicalAddress host, ulong length, Access access, CacheType type, ref PageArena arena)
    {
        if (((guest.Value | host.Value | length) & (PageSize.Small - 1)) != 0)
            return PageTableStatus.Misaligned;
        if (!IsInRange(guest.Value, length))
            return PageTableStatus.OutOfRange;

        for (ulong offset = 0; offset < length;)
        {
            ulong from = guest.Value + offset;
            HostPhysicalAddress to = host + offset;

            // Where nothing is mapped the host address does not matter, and clearing a whole entry of any level will do.
            int level = access == Access.None
                ? LargestLevel(from, length - offset, levels - 1)
                : LargestLevel(from | to.Value, length - offset, largestLevel);
            ulong entry = access == Access.None ? 0 : PageEntry<TFormat>.Leaf(to, level, access, type);
            if (!TrySet(from, level, entry, ref arena))
                return PageTableStatus.OutOfPages;
            offset += PageEntry.Span(level);
        }

        return PageTableStatus.Ok;
    }

    /// <summary>Maps a range to itself.</summary>
    public PageTableStatus MapIdentity(MemoryRange range, Access access, CacheType type, ref PageArena arena) =>
        Map(new GuestPhysicalAddress(range.Start), new HostPhysicalAddress(range.Start), range.Length, access, type, ref arena);

    /// <summary>Makes every touch of a range exit.</summary>
    public PageTableStatus Unmap(MemoryRange range, ref PageArena arena) => MapIdentity(range, Access.None, default, ref arena);

    /// <summary>
    /// Makes every read in a range give all ones and every write exit, at the cost of a few pages, however large the range is.
    /// </summary>
    public PageTableStatus MapAllOnes(MemoryRange range, in AllOnesPages allOnes, ref PageArena arena)
    {
        if (((range.Start | range.Length) & (PageSize.Small - 1)) != 0)
            return PageTableStatus.Misaligned;
        if (!IsInRange(range.Start, range.Length))
            return PageTableStatus.OutOfRange;

        for (ulong address = range.Start; address < range.End;)
        {
            int level = LargestLevel(address, range.End - address, AllOnesPages.HighestLevel);
            if (!TrySet(address, level, allOnes.Entry(level), ref arena))
                return PageTableStatus.OutOfPages;
            address += PageEntry.Span(level);
        }

        return PageTableStatus.Ok;
    }

    /// <summary>Looks an address up as the processor would.</summary>
    /// <returns>False if it is not mapped.</returns>
    public bool TryTranslate(GuestPhysicalAddress address, out Translation translation)
    {
        translation = default;
        var mode = new PagingMode(levels, LargestLeaf);
        if (address.Value >= AddressLimit || !mode.TryWalk(default(Tables), Root.Value, address.Value, out ulong entry, out ulong span))
            return false;
        HostPhysicalAddress page = PageEntry.Address(entry) + (address.Value & (span - 1));
        translation = new Translation(page, PageEntry<TFormat>.AccessOf(entry), TFormat.TypeOf(entry), span);
        return true;
    }

    private bool IsInRange(ulong start, ulong length) => start <= AddressLimit && length <= AddressLimit - start;

    /// <summary>
    /// The highest level, up to a limit, of which an entry covers no more than <paramref name="length"/> from a page-aligned address on.
    /// </summary>
    private static int LargestLevel(ulong alignment, ulong length, int limit)
    {
        int level = limit;
        while (level > 1 && (length < PageEntry.Span(level) || (alignment & (PageEntry.Span(level) - 1)) != 0))
            level--;
        return level;
    }

    private static ref ulong Slot(HostPhysicalAddress table, ulong address, int level) =>
        ref TMemory.At<ulong>(table + (((address / PageEntry.Span(level)) % PageEntry.Count) * sizeof(ulong)));

    /// <summary>Writes the entry of a level that covers an address, making the tables on the way to it.</summary>
    private bool TrySet(ulong address, int level, ulong entry, ref PageArena arena)
    {
        HostPhysicalAddress table = Root;
        for (int current = levels; current > level; current--)
        {
            ref ulong slot = ref Slot(table, address, current);
            bool isTable = PageEntry.IsTable(slot, current);
            if (isTable && (slot & PageEntry.Shared) == 0)
            {
                table = PageEntry.Address(slot);
                continue;
            }

            if (!PageEntry.IsPresent(slot) && entry == 0)
                return true;

            bool taken = isTable
                ? TryCopy(PageEntry.Address(slot), current - 1, ref arena, out table)
                : TrySplit(slot, current, ref arena, out table);
            if (!taken)
                return false;

            // The new table is complete before it can be seen, so that the tables may be in use meanwhile.
            slot = PageEntry<TFormat>.Table(table);
        }

        Slot(table, address, level) = entry;
        return true;
    }

    /// <summary>A table of the level below that maps what a leaf, or an entry that maps nothing, maps.</summary>
    private static bool TrySplit(ulong entry, int level, ref PageArena arena, out HostPhysicalAddress table)
    {
        if (!arena.TryTake<TMemory>(out table))
            return false;
        if (!PageEntry.IsPresent(entry))
            return true;

        // The address field of a large page has zeros where the smaller pages' addresses continue.
        HostPhysicalAddress page = PageEntry.Address(entry);
        ulong step = PageEntry.Span(level - 1);
        for (ulong i = 0; i < PageEntry.Count; i++)
        {
            TMemory.At<ulong>(table + (i * sizeof(ulong))) =
                PageEntry<TFormat>.Leaf(page + (i * step), level - 1, PageEntry<TFormat>.AccessOf(entry), TFormat.TypeOf(entry));
        }

        return true;
    }

    /// <summary>A copy of a table of <paramref name="level"/>. What both point to is shared from now on.</summary>
    private static bool TryCopy(HostPhysicalAddress source, int level, ref PageArena arena, out HostPhysicalAddress copy)
    {
        if (!arena.TryTake<TMemory>(out copy))
            return false;
        for (ulong i = 0; i < PageEntry.Count; i++)
        {
            ulong entry = TMemory.At<ulong>(source + (i * sizeof(ulong)));
            TMemory.At<ulong>(copy + (i * sizeof(ulong))) = PageEntry.IsTable(entry, level) ? entry | PageEntry.Shared : entry;
        }

        return true;
    }
}

using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;

namespace Switcher.Hv.Paging;

/// <summary>Where a walk reads the entries of tables.</summary>
public interface IPageTables
{
    /// <summary>Reads an entry; false where there is no memory.</summary>
    /// <param name="address">Where it is, by the tables' own addresses.</param>
    /// <param name="size">Its bytes: 8, or 4.</param>
    bool TryRead(ulong address, int size, out ulong entry);
}

/// <summary>
/// The shape of page tables: how many levels, up to which of them entries can map memory, and how many bits of an address select an entry.
/// </summary>
public readonly struct PagingMode(int levels, int largestLevel, int indexBits = 9)
{
    public int Levels => levels;

    /// <summary>
    /// The mode of a CPU whose paging is on: APM vol. 2, 5.2 Legacy-Mode Page Translation, 5.3 Long-Mode Page Translation.
    /// </summary>
    public static PagingMode Of(in CpuState state)
    {
        if ((state.Cr4 & Cr4.PhysicalAddressExtension) == 0)
            return new PagingMode(2, (state.Cr4 & Cr4.PageSizeExtensions) != 0 ? 2 : 1, indexBits: 10);
        if ((state.Efer & Efer.LongModeActive) == 0)
            return new PagingMode(3, 2);
        return new PagingMode((state.Cr4 & Cr4.FiveLevelPaging) != 0 ? 5 : 4, 3);
    }

    /// <summary>Walks down to the entry that maps an address.</summary>
    /// <param name="tables">Where the entries are.</param>
    /// <param name="table">The table of the highest level.</param>
    /// <param name="address">The address, of which no bit above the highest index is looked at.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="span">How many bytes it maps.</param>
    /// <returns>False if nothing does.</returns>
    public bool TryWalk<TTables>(in TTables tables, ulong table, ulong address, out ulong entry, out ulong span)
        where TTables : struct, IPageTables
    {
        int size = (int)PageSize.Small >> indexBits;
        int level = levels;
        while (true)
        {
            int shift = 12 + (indexBits * (level - 1));
            span = 1UL << shift;
            ulong index = (address >> shift) & ((1UL << indexBits) - 1);
            if (!tables.TryRead(table + (index * (ulong)size), size, out entry) || !PageEntry.IsPresent(entry))
                return false;
            if (level == 1 || (level <= largestLevel && (entry & PageEntry.Large) != 0))
                return true;
            table = entry & PageEntry.AddressMask;
            level--;
        }
    }
}

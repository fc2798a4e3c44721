using Switcher.Boot.Memory;

namespace Switcher.Hv.Paging;

/// <summary>
/// The bits of one kind of page table with four levels of 512 entries of 8 bytes. Levels count from 1 (entries map 4 KiB) to 4. Everything else about the
/// kinds is the same and lies in <see cref="NestedPageTable{TFormat, TMemory}"/>. In every format an entry with <see cref="PageEntry.Shared"/>
/// set means the same to the processor, and an entry of 0 maps nothing.
/// </summary>
public interface IPageFormat
{
    /// <summary>Whether entries carry the memory type, so that it must be right. If not, the processor takes it from elsewhere.</summary>
    static abstract bool EncodesMemoryType { get; }

    /// <summary>An entry that points to a table of the next level and limits nothing.</summary>
    static abstract ulong Table(HostPhysicalAddress table);

    /// <summary>An entry of <paramref name="level"/> (1 to 3) that maps memory; <paramref name="access"/> is not None.</summary>
    static abstract ulong Leaf(HostPhysicalAddress page, int level, Access access, CacheType type);

    static abstract bool IsPresent(ulong entry);

    /// <summary>Whether a present entry of <paramref name="level"/> maps memory. Those of level 1 always do.</summary>
    static abstract bool IsLeaf(ulong entry, int level);

    /// <summary>What a leaf allows.</summary>
    static abstract Access AccessOf(ulong leaf);

    /// <summary>The memory type that a leaf carries, or write-back where leaves carry none.</summary>
    static abstract CacheType TypeOf(ulong leaf);
}

/// <summary>What all formats have in common.</summary>
public static class PageEntry
{
    /// <summary>Entries in a table.</summary>
    public const int Count = 512;

    /// <summary>
    /// Set by us in an entry that points to a table which others use too, so that it is copied before it is changed. Ignored by the processor in all formats:
    /// APM vol. 2, 5.3 "Long-Mode Page Translation" (AVL, bits 11:9); SDM vol. 3, 29.3.2 "EPT Translation Mechanism" (bit 11 ignored).
    /// </summary>
    public const ulong Shared = 1 << 11;

    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;

    public static HostPhysicalAddress Address(ulong entry) => new(entry & AddressMask);

    /// <summary>How many bytes an entry of a level covers.</summary>
    public static ulong Span(int level) => PageSize.Small << (9 * (level - 1));
}

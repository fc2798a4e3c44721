using Switcher.Boot.Memory;

namespace Switcher.Hv.Paging;

/// <summary>
/// One kind of page table of 512 entries of 8 bytes, by its bits. Everything else about the kinds is the same. In every format bit 0 means
/// present, bit 7 that an entry above the lowest level maps memory, <see cref="PageEntry.Shared"/> nothing to the processor, and an entry
/// of 0 maps nothing.
/// </summary>
public interface IPageFormat
{
    /// <summary>Bits of an entry that points to a table of the next level and limits nothing.</summary>
    static abstract ulong TableBits { get; }

    /// <summary>Bits of every entry that maps memory, which allow reads alone.</summary>
    static abstract ulong LeafBits { get; }

    static abstract ulong Writable { get; }

    /// <summary>What an entry has that allows execution; 0 where it is allowed by the lack of <see cref="NoExecute"/>.</summary>
    static abstract ulong Executable { get; }

    /// <summary>What an entry has that forbids execution, or 0.</summary>
    static abstract ulong NoExecute { get; }

    /// <summary>Whether entries carry the memory type, so that it must be right. If not, the processor takes it from elsewhere.</summary>
    static abstract bool EncodesMemoryType { get; }

    static abstract ulong TypeBits(CacheType type);

    /// <summary>The memory type that a leaf carries, or write-back where leaves carry none.</summary>
    static abstract CacheType TypeOf(ulong leaf);
}

/// <summary>What all formats have in common.</summary>
public static class PageEntry
{
    /// <summary>Entries in a table.</summary>
    public const int Count = 512;

    /// <summary>
    /// Set by us in an entry that points to a table which others use too, so that it is copied before it is changed. Ignored by the
    /// processor in all formats: APM vol. 2, 5.3 "Long-Mode Page Translation" (AVL, bits 11:9); SDM vol. 3, 29.3.2 "EPT Translation
    /// Mechanism" (bit 11 ignored).
    /// </summary>
    public const ulong Shared = 1 << 11;

    public const ulong AddressMask = 0x000F_FFFF_FFFF_F000;

    /// <summary>An entry above level 1 maps memory.</summary>
    public const ulong Large = 1 << 7;

    private const ulong Present = 1 << 0;

    public static HostPhysicalAddress Address(ulong entry) => new(entry & AddressMask);

    public static bool IsPresent(ulong entry) => (entry & Present) != 0;

    /// <summary>Whether an entry of <paramref name="level"/>, from 1 for pages of 4 KiB on, points to a table.</summary>
    public static bool IsTable(ulong entry, int level) => IsPresent(entry) && level > 1 && (entry & Large) == 0;

    /// <summary>The level whose entries map pages of <paramref name="size"/>, one of <see cref="PageSize"/>.</summary>
    public static int LevelOf(ulong size) => size == PageSize.Huge ? 3 : size == PageSize.Large ? 2 : 1;

    /// <summary>How many bytes an entry of a level covers.</summary>
    public static ulong Span(int level) => PageSize.Small << (9 * (level - 1));
}

/// <summary>Entries of one format.</summary>
/// <typeparam name="TFormat">Its bits.</typeparam>
public static class PageEntry<TFormat>
    where TFormat : struct, IPageFormat
{
    public static ulong Table(HostPhysicalAddress table) => table.Value | TFormat.TableBits;

    /// <summary>An entry of <paramref name="level"/> (1 to 3) that maps memory; <paramref name="access"/> is not None.</summary>
    public static ulong Leaf(HostPhysicalAddress page, int level, Access access, CacheType type)
        => page.Value | TFormat.LeafBits | TFormat.TypeBits(type)
            | (level > 1 ? PageEntry.Large : 0)
            | ((access & Access.ReadWrite) == Access.ReadWrite ? TFormat.Writable : 0)
            | ((access & Access.ReadExecute) == Access.ReadExecute ? TFormat.Executable : TFormat.NoExecute);

    /// <summary>What a leaf allows.</summary>
    public static Access AccessOf(ulong leaf)
        => Access.Read
            | ((leaf & TFormat.Writable) != 0 ? Access.ReadWrite : Access.None)
            | ((leaf & (TFormat.Executable | TFormat.NoExecute)) == TFormat.Executable ? Access.ReadExecute : Access.None);
}

using Switcher.Boot.Memory;

namespace Switcher.Hv.Paging;

/// <summary>
/// The page tables of the hypervisor itself: SDM vol. 3, 4.5 "4-Level Paging and 5-Level Paging". Memory types are selected from the PAT as it is after reset
/// (SDM vol. 3, 12.12.4 "Programming the PAT"), which has no write-combining and no write-protected entry: such memory is mapped uncacheable.
/// </summary>
public readonly struct HostFormat : IPageFormat
{
    private const ulong Present = 1 << 0;
    private const ulong Writable = 1 << 1;
    private const ulong PageWriteThrough = 1 << 3;
    private const ulong PageCacheDisable = 1 << 4;
    private const ulong AccessedAndDirty = (1 << 5) | (1 << 6);
    private const ulong Large = 1 << 7;
    private const ulong NoExecute = 1UL << 63;

    public static bool EncodesMemoryType => true;

    public static ulong Table(HostPhysicalAddress table) => table.Value | Present | Writable | (1 << 5);

    public static ulong Leaf(HostPhysicalAddress page, int level, Access access, CacheType type) =>
        page.Value | Present | AccessedAndDirty | TypeBits(type)
        | (level > 1 ? Large : 0)
        | ((access & Access.ReadWrite) == Access.ReadWrite ? Writable : 0)
        | ((access & Access.ReadExecute) == Access.ReadExecute ? 0 : NoExecute);

    public static bool IsPresent(ulong entry) => (entry & Present) != 0;

    public static bool IsLeaf(ulong entry, int level) => level == 1 || (entry & Large) != 0;

    public static Access AccessOf(ulong leaf) =>
        Access.Read
        | ((leaf & Writable) != 0 ? Access.ReadWrite : Access.None)
        | ((leaf & NoExecute) == 0 ? Access.ReadExecute : Access.None);

    public static CacheType TypeOf(ulong leaf) => (leaf & (PageWriteThrough | PageCacheDisable)) switch
    {
        0 => CacheType.WriteBack,
        PageWriteThrough => CacheType.WriteThrough,
        _ => CacheType.Uncacheable,
    };

    private static ulong TypeBits(CacheType type) => type switch
    {
        CacheType.WriteBack => 0,
        CacheType.WriteThrough => PageWriteThrough,
        _ => PageWriteThrough | PageCacheDisable,
    };
}

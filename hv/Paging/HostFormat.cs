namespace Switcher.Hv.Paging;

/// <summary>
/// Ordinary page tables, of the hypervisor itself and of a parked guest's first moments: SDM vol. 3, 4.5 "4-Level Paging and 5-Level
/// Paging". Memory types are selected from the PAT as it is after reset (SDM vol. 3, 12.12.4 "Programming the PAT"), which has no
/// write-combining and no write-protected entry: such memory is mapped uncacheable. Accessed (5) and dirty (6) are set beforehand, so that
/// the processor never writes to tables that are shared.
/// </summary>
public readonly struct HostFormat : IPageFormat
{
    private const ulong Present = 1 << 0;
    private const ulong PageWriteThrough = 1 << 3;
    private const ulong PageCacheDisable = 1 << 4;

    public static ulong TableBits => Present | Writable | (1 << 5);

    public static ulong LeafBits => Present | (1 << 5) | (1 << 6);

    public static ulong Writable => 1 << 1;

    public static ulong Executable => 0;

    public static ulong NoExecute => 1UL << 63;

    public static bool EncodesMemoryType => true;

    public static ulong TypeBits(CacheType type) => type switch
    {
        CacheType.WriteBack => 0,
        CacheType.WriteThrough => PageWriteThrough,
        _ => PageWriteThrough | PageCacheDisable,
    };

    public static CacheType TypeOf(ulong leaf) => (leaf & (PageWriteThrough | PageCacheDisable)) switch
    {
        0 => CacheType.WriteBack,
        PageWriteThrough => CacheType.WriteThrough,
        _ => CacheType.Uncacheable,
    };
}

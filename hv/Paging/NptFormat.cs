using Switcher.Boot.Memory;

namespace Switcher.Hv.Paging;

/// <summary>
/// AMD nested page tables: APM vol. 2, 15.25 "Nested Paging" and 5.3 "Long-Mode Page Translation". The processor treats every access through them as a user
/// access. The memory type is not given here: all entries select PAT entry 0, write-back, and the MTRRs and the guest's PAT decide (15.25.8 "Combining Memory Types, MTRRs").
/// </summary>
public readonly struct NptFormat : IPageFormat
{
    private const ulong Present = 1 << 0;
    private const ulong Writable = 1 << 1;
    private const ulong User = 1 << 2;

    // Set beforehand, so that the processor never writes to tables that guests share.
    private const ulong AccessedAndDirty = (1 << 5) | (1 << 6);
    private const ulong Large = 1 << 7;
    private const ulong NoExecute = 1UL << 63;

    public static bool EncodesMemoryType => false;

    public static ulong Table(HostPhysicalAddress table) => table.Value | Present | Writable | User | (1 << 5);

    public static ulong Leaf(HostPhysicalAddress page, int level, Access access, CacheType type) =>
        page.Value | Present | User | AccessedAndDirty
        | (level > 1 ? Large : 0)
        | ((access & Access.ReadWrite) == Access.ReadWrite ? Writable : 0)
        | ((access & Access.ReadExecute) == Access.ReadExecute ? 0 : NoExecute);

    public static bool IsPresent(ulong entry) => (entry & Present) != 0;

    public static bool IsLeaf(ulong entry, int level) => level == 1 || (entry & Large) != 0;

    public static Access AccessOf(ulong leaf) =>
        Access.Read
        | ((leaf & Writable) != 0 ? Access.ReadWrite : Access.None)
        | ((leaf & NoExecute) == 0 ? Access.ReadExecute : Access.None);

    public static CacheType TypeOf(ulong leaf) => CacheType.WriteBack;
}

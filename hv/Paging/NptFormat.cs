namespace Switcher.Hv.Paging;

/// <summary>
/// AMD nested page tables: APM vol. 2, 15.25 "Nested Paging" and 5.3 "Long-Mode Page Translation". The processor treats every access
/// through them as a user access. The memory type is not given here: all entries select PAT entry 0, write-back, and the MTRRs and the
/// guest's PAT decide (15.25.8 "Combining Memory Types, MTRRs").
/// </summary>
public readonly struct NptFormat : IPageFormat
{
    private const ulong User = 1 << 2;

    public static ulong TableBits => HostFormat.TableBits | User;

    public static ulong LeafBits => HostFormat.LeafBits | User;

    public static ulong Writable => HostFormat.Writable;

    public static ulong Executable => HostFormat.Executable;

    public static ulong NoExecute => HostFormat.NoExecute;

    public static bool EncodesMemoryType => false;

    public static ulong TypeBits(CacheType type) => 0;

    public static CacheType TypeOf(ulong leaf) => CacheType.WriteBack;
}

namespace Switcher.Hv.Paging;

/// <summary>
/// Intel extended page tables: SDM vol. 3, 29.3.2 "EPT Translation Mechanism". Entries carry the memory type; the guest's PAT still
/// combines with it (29.3.7.2 "Memory Type Used for Translated Guest-Physical Addresses", the ignore-PAT bit stays clear). Accessed (8) and
/// dirty (9) are set beforehand, so that the processor never writes to tables that guests share.
/// </summary>
public readonly struct EptFormat : IPageFormat
{
    private const int TypeShift = 3;

    public static ulong TableBits => (ulong)Access.ReadWriteExecute | (1 << 8);

    public static ulong LeafBits => (ulong)Access.Read | (1 << 8) | (1 << 9);

    public static ulong Writable => 1 << 1;

    public static ulong Executable => 1 << 2;

    public static ulong NoExecute => 0;

    public static bool EncodesMemoryType => true;

    public static ulong TypeBits(CacheType type) => (ulong)type << TypeShift;

    public static CacheType TypeOf(ulong leaf) => (CacheType)((leaf >> TypeShift) & 7);
}

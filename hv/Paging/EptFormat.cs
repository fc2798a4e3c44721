using Switcher.Boot.Memory;

namespace Switcher.Hv.Paging;

/// <summary>
/// Intel extended page tables: SDM vol. 3, 29.3.2 "EPT Translation Mechanism". Entries carry the memory type; the guest's PAT still combines with it
/// (29.3.7.2 "Memory Type Used for Translated Guest-Physical Addresses", the ignore-PAT bit stays clear).
/// </summary>
public readonly struct EptFormat : IPageFormat
{
    private const int TypeShift = 3;
    private const ulong TypeMask = 7;
    private const ulong Large = 1 << 7;

    // Set beforehand, so that the processor never writes to tables that guests share; ignored where accessed and dirty flags are off.
    private const ulong AccessedAndDirty = (1 << 8) | (1 << 9);

    public static bool EncodesMemoryType => true;

    public static ulong Table(HostPhysicalAddress table) => table.Value | (ulong)Access.ReadWriteExecute | (1 << 8);

    public static ulong Leaf(HostPhysicalAddress page, int level, Access access, CacheType type) =>
        page.Value | (ulong)access | ((ulong)type << TypeShift) | AccessedAndDirty | (level > 1 ? Large : 0);

    public static bool IsPresent(ulong entry) => (entry & (ulong)Access.ReadWriteExecute) != 0;

    public static bool IsLeaf(ulong entry, int level) => level == 1 || (entry & Large) != 0;

    public static Access AccessOf(ulong leaf) => (Access)(leaf & (ulong)Access.ReadWriteExecute);

    public static CacheType TypeOf(ulong leaf) => (CacheType)((leaf >> TypeShift) & TypeMask);
}

using Switcher.Hv.Vendor;

namespace Switcher.Hv.Vmx.Definitions;

/// <summary>SDM vol. 3, table 28-7 "Exit Qualification for EPT Violations".</summary>
public static class EptViolation
{
    private const ulong Write = 1 << 1;
    private const ulong Fetch = 1 << 2;
    private const ulong IsLinearAddressValid = 1 << 7;
    private const ulong IsTranslatedAddress = 1 << 8;
    private const ulong NmiUnblockingByIret = 1 << 12;

    public static NestedAccess Access(ulong qualification)
    {
        NestedAccess access = NestedAccess.Read;
        if ((qualification & Write) != 0)
            access |= NestedAccess.Write;
        if ((qualification & Fetch) != 0)
            access |= NestedAccess.Execute;
        if ((qualification & (IsLinearAddressValid | IsTranslatedAddress)) == IsLinearAddressValid)
            access |= NestedAccess.PageTableWalk;
        return access;
    }

    /// <summary>
    /// The guest's IRET from its handler of a non-maskable interrupt was cut off: it has ended the blocking already and will do so again.
    /// </summary>
    public static bool WasUnblockingNmi(ulong qualification) => (qualification & NmiUnblockingByIret) != 0;
}

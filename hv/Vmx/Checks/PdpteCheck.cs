namespace Switcher.Hv.Vmx.Checks;

/// <summary>SDM vol. 3, table 4-8 "Format of a PAE Page-Directory-Pointer-Table Entry".</summary>
public static class PdpteCheck
{
    private const ulong Present = 1 << 0;
    private const ulong Reserved = 0x1E6;

    /// <summary>Whether a CPU would load it: an entry that is not present may be anything.</summary>
    public static bool IsValid(ulong entry, int physicalAddressBits)
        => (entry & Present) == 0 || ((entry & Reserved) == 0 && entry >> physicalAddressBits == 0);
}

using System;
using Switcher.Hv.Cpu;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

/// <summary>
/// SDM vol. 3, 25.6.9 "MSR-Bitmap Address": a bit for each MSR of two ranges of 8,192, first for reads, then for writes. MSRs outside the
/// ranges always exit.
/// </summary>
public static class VmxMsrBitmap
{
    public const int Bytes = 4096;

    private const int Writes = 2048;
    private const uint RangeLength = 0x2000;
    private const uint HighRange = 0xC000_0000;
    private const int HighRangeOffset = 1024;

    /// <summary>Sets the intercepts that Switcher needs; everything else goes to the CPU.</summary>
    public static void Initialize(Span<byte> bitmap)
    {
        bitmap.Clear();
        Intercept(bitmap, VmxMsr.FeatureControl, read: true, write: true);
        for (uint register = VmxMsr.Basic; register <= VmxMsr.Last; register++)
            Intercept(bitmap, register, read: true, write: true);
        Intercept(bitmap, Msr.ApicBase, read: false, write: true);
    }

    /// <summary>Makes reads or writes of one MSR exit.</summary>
    /// <returns>False if the bitmap has no bits for it, because its accesses exit anyway.</returns>
    public static bool Intercept(Span<byte> bitmap, uint register, bool read, bool write)
    {
        if (!TryGetBit(register, out int bit))
            return false;
        byte mask = (byte)(1 << (bit & 7));
        if (read)
            bitmap[bit >> 3] |= mask;
        if (write)
            bitmap[Writes + (bit >> 3)] |= mask;
        return true;
    }

    /// <summary>Where the read bit of an MSR is; the write bit lies <c>2048 * 8</c> further.</summary>
    public static bool TryGetBit(uint register, out int bit)
    {
        bit = (int)(register & (RangeLength - 1));
        if (register < RangeLength)
            return true;
        bit += HighRangeOffset * 8;
        return register - HighRange < RangeLength;
    }
}

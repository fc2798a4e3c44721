using System;
using Switcher.Hv.Cpu;

namespace Switcher.Hv.Svm;

/// <summary>
/// APM vol. 2, 15.11 MSR Intercepts: two bits for each MSR, read and write, in three ranges of 2 KiB. MSRs outside the ranges always exit.
/// </summary>
public static class MsrPermissionMap
{
    public const int Bytes = 8192;

    /// <summary>Sets the intercepts that Switcher needs; everything else goes to the CPU.</summary>
    public static void Initialize(Span<byte> map)
    {
        map.Clear();
        Intercept(map, Msr.Efer, read: true, write: true);
        Intercept(map, Msr.VmCr, read: true, write: true);
        Intercept(map, Msr.VmHsavePa, read: true, write: true);
        Intercept(map, Msr.SvmKey, read: true, write: true);
        Intercept(map, Msr.ApicBase, read: false, write: true);
        Intercept(map, Msr.X2ApicIcr, read: false, write: true);
    }

    /// <summary>Makes reads or writes of one MSR exit.</summary>
    /// <returns>False if the map has no bits for it, because its accesses exit anyway.</returns>
    public static bool Intercept(Span<byte> map, uint register, bool read, bool write)
    {
        if (!TryGetBit(register, out int bit))
            return false;
        if (read)
            map[bit >> 3] |= (byte)(1 << (bit & 7));
        if (write)
            map[bit >> 3] |= (byte)(2 << (bit & 7));
        return true;
    }

    /// <summary>Where the read bit of an MSR is; the write bit follows it.</summary>
    public static bool TryGetBit(uint register, out int bit)
    {
        uint range = register >> 13;
        int first = range switch
        {
            0 => 0,
            0xC000_0000 >> 13 => 0x800 * 8,
            0xC001_0000 >> 13 => 0x1000 * 8,
            _ => -1,
        };
        bit = first + (int)((register & 0x1FFF) * 2);
        return first >= 0;
    }
}

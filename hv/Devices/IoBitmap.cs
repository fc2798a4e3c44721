using System;

namespace Switcher.Hv.Devices;

/// <summary>
/// Which ports exit: one bit a port, in the order that both vendors use (APM vol. 2, 15.10.1 I/O Permissions Map; SDM vol. 3, 25.6.4
/// I/O-Bitmap Addresses). An access exits if any of its bytes is intercepted.
/// </summary>
public static class IoBitmap
{
    /// <summary>64 Ki bits, and a page that SVM reads for accesses that run over port 0xFFFF.</summary>
    public const int Bytes = 12 * 1024;

    /// <summary>Sets or clears <paramref name="count"/> ports from <paramref name="port"/> on.</summary>
    public static void Set(Span<byte> bitmap, ushort port, int count, bool intercept)
    {
        for (int i = port; i < port + count; i++)
        {
            if (intercept)
                bitmap[i >> 3] |= (byte)(1 << (i & 7));
            else
                bitmap[i >> 3] &= (byte)~(1 << (i & 7));
        }
    }

    /// <summary>Intercepts what Switcher acts upon, and nothing else.</summary>
    public static void Initialize(Span<byte> bitmap, in PowerManagement power)
    {
        bitmap.Clear();
        Set(bitmap, ResetRegisters.ResetControl, 1, true);
        Set(bitmap, ResetRegisters.KeyboardCommand, 1, true);
        Set(bitmap, ResetRegisters.SystemControlA, 1, true);
        if (power.ResetPort != 0)
            Set(bitmap, power.ResetPort, 1, true);
        if (power.Pm1aControl != 0)
            Set(bitmap, power.Pm1aControl, 2, true);
        if (power.Pm1bControl != 0)
            Set(bitmap, power.Pm1bControl, 2, true);
    }
}

using System;
using Switcher.Boot.Text;

namespace Switcher.Hv.State;

/// <summary>A guest's number in a log line.</summary>
public static class GuestField
{
    /// <summary>Appends <c> key=3</c>, or <c> key=firmware</c> for <see cref="HypervisorState.Firmware"/>.</summary>
    public static void Append(ref LogLine line, ReadOnlySpan<byte> key, int guest)
    {
        if (guest == HypervisorState.Firmware)
            line.Word(key, "firmware"u8);
        else
            line.Number(key, (ulong)guest);
    }
}

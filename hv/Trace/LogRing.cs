using System;

namespace Switcher.Hv.Trace;

/// <summary>
/// The last lines of the log in memory, for a debugger or a later reader: a ring of bytes and a count of all bytes ever written.
/// </summary>
public static class LogRing
{
    /// <summary>
    /// Appends a line. <paramref name="written"/> counts from the first line on and never wraps, so a reader knows how much it has missed;
    /// byte n of the log is at n modulo the ring's length.
    /// </summary>
    public static void Append(Span<byte> ring, ref ulong written, ReadOnlySpan<byte> line)
    {
        if (ring.Length == 0)
            return;
        for (int i = 0; i < line.Length; i++)
            ring[(int)((written + (ulong)i) % (ulong)ring.Length)] = line[i];
        written += (ulong)line.Length;
    }
}

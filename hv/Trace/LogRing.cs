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

    /// <summary>Copies the latest lines, in their order, as many as the ring has whole and the destination has room for.</summary>
    /// <returns>Bytes copied.</returns>
    public static int CopyLines(ReadOnlySpan<byte> ring, ulong written, Span<byte> destination)
    {
        ulong kept = Math.Min(written, (ulong)ring.Length);
        ulong first = written - Math.Min(kept, (ulong)destination.Length);

        // What begins in the middle of a line begins behind it; of the oldest byte in the ring nobody knows what was before.
        if (first != 0 && (written - first == kept || At(ring, first - 1) != (byte)'\n'))
        {
            while (first < written && At(ring, first) != (byte)'\n')
                first++;
            first = Math.Min(first + 1, written);
        }

        int length = (int)(written - first);
        for (int i = 0; i < length; i++)
            destination[i] = At(ring, first + (ulong)i);
        return length;
    }

    private static byte At(ReadOnlySpan<byte> ring, ulong position) => ring[(int)(position % (ulong)ring.Length)];
}

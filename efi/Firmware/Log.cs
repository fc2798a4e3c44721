using System;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Hv.Trace;

namespace Switcher.Efi.Firmware;

/// <summary>The boot side's log: the emulators' debug port, and the last lines in memory for the variable SwitcherLog.</summary>
internal unsafe struct Log : ILogSink
{
    /// <summary>Bytes of the ring, all of the boot side's lines in practice.</summary>
    public const int RingLength = 16 * 1024;

    private static byte* s_ring;
    private static ulong s_written;

    /// <summary>Gives the log its ring. Lines written before went to the debug port only.</summary>
    public static void UseRing(byte* ring)
    {
        s_ring = ring;
        s_written = 0;
    }

    public static void Write(ReadOnlySpan<byte> line)
    {
        // SAFETY: the ring is RingLength bytes of ours.
        DebugPort.Write(line);
        if (s_ring != null)
            LogRing.Append(new Span<byte>(s_ring, RingLength), ref s_written, line);
    }

    /// <summary>Copies the latest lines, as many whole ones as fit.</summary>
    /// <returns>Bytes copied.</returns>
    public static int CopyTo(Span<byte> destination) =>
        s_ring == null ? 0 : LogRing.CopyLines(new ReadOnlySpan<byte>(s_ring, RingLength), s_written, destination);

    /// <summary>Writes a line that has no values.</summary>
    public static void Line(ReadOnlySpan<byte> text)
    {
        var line = new LogLine(text);
        line.WriteTo<Log>();
    }
}

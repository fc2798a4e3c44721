using System;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Hv.Trace;

namespace Switcher.Efi.Firmware;

/// <summary>The boot side's log: the emulators' debug port, and the last lines in memory for a debugger.</summary>
internal unsafe struct Log : ILogSink
{
    /// <summary>Bytes of the ring, all of the boot side's lines in practice.</summary>
    public const int RingLength = 16 * 1024;

    private static byte* s_ring;
    private static ulong s_written;

    /// <summary>Gives the log its ring. Lines written before went to the debug port only.</summary>
    public static void UseRing(byte* ring) => s_ring = ring;

    public static void Write(ReadOnlySpan<byte> line)
    {
        // SAFETY: the ring is RingLength bytes of ours.
        DebugPort.Write(line);
        if (s_ring != null)
            LogRing.Append(new Span<byte>(s_ring, RingLength), ref s_written, line);
    }

    /// <summary>Writes a line that has no values.</summary>
    public static void Line(ReadOnlySpan<byte> text)
    {
        var line = new LogLine(text);
        line.WriteTo<Log>();
    }
}

using System;
using System.Threading;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;

namespace Switcher.Tests;

/// <summary>The emulators' debug port, which the hypervisor's log uses as well: so one file shows the order of events.</summary>
internal struct DebugPort : ILogSink
{
    private const ushort Port = 0xE9;

    private static int s_lock;

    public static void Write(ReadOnlySpan<byte> line)
    {
        while (Interlocked.CompareExchange(ref s_lock, 1, 0) != 0)
            Instructions.Pause();
        for (int i = 0; i < line.Length; i++)
            Instructions.Out8(Port, line[i]);
        Volatile.Write(ref s_lock, 0);
    }
}

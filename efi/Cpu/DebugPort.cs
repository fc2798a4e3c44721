using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Switcher.Efi.Cpu;

/// <summary>The emulators' debug port; a real machine drops what is written there.</summary>
internal static unsafe class DebugPort
{
    public static void Write(ReadOnlySpan<byte> line)
    {
        // SAFETY: the stub only reads the line.
        fixed (byte* bytes = line)
            WriteDebugPort(bytes, (ulong)line.Length);
    }

    [RuntimeImport, MethodImpl(InternalCall)] private static extern void WriteDebugPort(byte* bytes, ulong length);
}

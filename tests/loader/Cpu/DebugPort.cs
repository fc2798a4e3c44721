using System;
using System.Collections.Generic;
using System.Text;

namespace Switcher.Efi.Cpu;

/// <summary>The emulators' debug port, which a test can read.</summary>
internal static class DebugPort
{
    public static List<string> Lines { get; } = [];

    public static void Write(ReadOnlySpan<byte> line) => Lines.Add(Encoding.ASCII.GetString(line).TrimEnd('\n'));
}

using System;
using System.Runtime;
using Switcher.Efi.Cpu;
using Switcher.Efi.Uefi;

namespace Switcher.Efi;

/// <summary>Switcher, from the firmware's call to the run phase.</summary>
internal static unsafe class Program
{
    [RuntimeExport("EfiMain")]
    private static EfiStatus EfiMain(Handle imageHandle, SystemTable* systemTable)
    {
        fixed (char* text = "Hello from Switcher\r\n")
            systemTable->ConOut->OutputString(systemTable->ConOut, text);
        return EfiStatus.Success;
    }

    [RuntimeExport("Panic")]
    private static void Panic(string reason)
    {
        foreach (char unit in reason.AsSpan())
            Instructions.Out8(0xE9, (byte)unit);
        Instructions.Cli();
        while (true)
            Instructions.Hlt();
    }
}

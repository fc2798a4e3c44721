using System.Runtime;

namespace Switcher.Efi;

internal static unsafe class Program
{
    [RuntimeExport("EfiMain")]
    private static nint EfiMain(nint imageHandle, nint* systemTable)
    {
        nint* conOut = (nint*)systemTable[8];
        fixed (char* text = "Hello from Switcher\r\n")
            ((delegate* unmanaged<nint*, char*, nint>)conOut[1])(conOut, text);
        return 0;
    }

    [RuntimeExport("Panic")]
    private static void Panic(string reason)
    {
        while (true)
            ;
    }
}

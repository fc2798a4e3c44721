using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Setup;

/// <summary>
/// Says on the debug port when a system takes the machine over, with the time-stamp counter: <c>SETUP exit-boot-services tsc=...</c>. So the boots of a system
/// with and without Switcher can be compared.
/// </summary>
internal static unsafe class ExitLog
{
    public static EfiStatus Create()
    {
        Event created;
        return Machine.Table->BootServices->CreateEvent(EventType.SignalExitBootServices, Tpl.Callback, &OnExit, null, &created);
    }

    [UnmanagedCallersOnly]
    private static void OnExit(Event @event, void* context)
    {
        const int LongestNumber = 20;
        ulong now = ReadTsc();
        byte* digits = stackalloc byte[LongestNumber];
        int start = LongestNumber;
        do
        {
            digits[--start] = (byte)('0' + (now % 10));
            now /= 10;
        }
        while (now != 0);
        Machine.Write("SETUP exit-boot-services tsc="u8);
        Machine.Write(new(digits + start, LongestNumber - start));
        Machine.Write("\n"u8);
    }

    [RuntimeImport("*", "ReadTsc")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong ReadTsc();
}

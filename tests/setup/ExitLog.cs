using System.Runtime.InteropServices;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Setup;

/// <summary>
/// Says on the debug port when a system takes the machine over, with the time-stamp counter: <c>SETUP exit-boot-services tsc=...</c>. So
/// the boots of a system with and without Switcher can be compared.
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
        var line = new LogLine("SETUP exit-boot-services"u8);
        line.Number("tsc"u8, Instructions.ReadTsc());
        line.WriteTo<DebugPort>();
    }
}

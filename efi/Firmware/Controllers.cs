using System;
using Switcher.Boot.Text;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Firmware;

/// <summary>
/// Brings the firmware's drivers back to hardware that a guest has used in the meantime. A driver that starts resets its controller, so
/// it is stopped and started again (UEFI 2.10, 7.3.13 DisconnectController(), 7.3.12 ConnectController()); the timer gets its period anew.
/// </summary>
internal static unsafe class Controllers
{
    // PCI Code and ID Assignment Specification 1.11, 1.2 to 1.13: what loaders load from, and what people type on.
    private const byte MassStorage = 0x01;
    private const byte Network = 0x02;
    private const byte SerialBus = 0x0C;

    private const uint ClassRegister = 8;

    /// <summary>Starts the timer's interrupt again: without it nothing that waits ever ends.</summary>
    public static void RestartTimer(UefiFirmware* firmware)
    {
        TimerArch* timer = firmware->Locate<TimerArch>(TimerArch.Protocol);
        ulong period = 0;
        if (timer == null || timer->GetTimerPeriod(timer, &period).IsError)
            return;
        timer->SetTimerPeriod(timer, 0);
        timer->SetTimerPeriod(timer, period);
    }

    /// <summary>Stops and starts the drivers of all controllers that matter to a loader.</summary>
    public static void Reconnect(UefiFirmware* firmware)
    {
        nuint count = 0;
        Handle* handles = null;
        Guid protocol = PciIo.Protocol;
        if (firmware->Services->LocateHandleBuffer(LocateSearchType.ByProtocol, &protocol, null, &count, &handles).IsError)
            return;
        int connected = 0;
        for (nuint i = 0; i < count; i++)
        {
            PciIo* function = firmware->Interface<PciIo>(handles[i], protocol);
            if (function == null || !IsForLoaders(function))
                continue;
            firmware->Services->DisconnectController(handles[i], default, default);
            firmware->Services->ConnectController(handles[i], null, null, 1);
            connected++;
        }

        firmware->Services->FreePool(handles);
        var line = new LogLine("INFO reconnected"u8);
        line.Number("controllers"u8, (ulong)connected);
        line.WriteTo<Log>();
    }

    private static bool IsForLoaders(PciIo* function)
    {
        uint register = 0;
        if (function->PciRead(function, PciWidth.Uint32, ClassRegister, 1, &register).IsError)
            return false;
        return (byte)(register >> 24) is MassStorage or Network or SerialBus;
    }
}

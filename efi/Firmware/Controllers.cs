using System;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Firmware;

/// <summary>
/// Takes the firmware's drivers off the hardware before guests use it, and brings them back to it. A driver that is stopped in time ends in
/// an orderly way what it has going on; one that starts resets its controller (UEFI 2.10, 7.3.13 DisconnectController(), 7.3.12
/// ConnectController()). Stopped later, it would wait for answers from a device that listens to somebody else: a virtio driver for ever.
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

    /// <summary>Stops the drivers of all controllers that matter to a loader.</summary>
    public static void Disconnect(UefiFirmware* firmware) => ForEach(firmware, false);

    /// <summary>Starts them, and those of everything that is found behind the controllers.</summary>
    public static void Connect(UefiFirmware* firmware) => ForEach(firmware, true);

    private static void ForEach(UefiFirmware* firmware, bool isConnecting)
    {
        nuint count = 0;
        Handle* handles = null;
        Guid protocol = PciIo.Protocol;
        if (firmware->Services->LocateHandleBuffer(LocateSearchType.ByProtocol, &protocol, null, &count, &handles).IsError)
            return;
        for (nuint i = 0; i < count; i++)
        {
            PciIo* function = firmware->Interface<PciIo>(handles[i], protocol);
            if (function == null || !IsForLoaders(function))
                continue;

            // What has no driver says so.
            if (isConnecting)
                firmware->Services->ConnectController(handles[i], null, null, 1);
            else
                firmware->Services->DisconnectController(handles[i], default, default);
        }

        firmware->Services->FreePool(handles);
    }

    private static bool IsForLoaders(PciIo* function)
    {
        uint register = 0;
        if (function->PciRead(function, PciWidth.Uint32, ClassRegister, 1, &register).IsError)
            return false;
        return (byte)(register >> 24) is MassStorage or Network or SerialBus;
    }
}

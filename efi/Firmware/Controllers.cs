using System;
using Switcher.Boot.Text;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Firmware;

/// <summary>
/// Takes the firmware's drivers off the hardware before guests use it, and brings them back to it. A driver that is stopped in time ends in
/// an orderly way what it has going on; one that starts resets its controller (UEFI 2.10, 7.3.13 DisconnectController(), 7.3.12
/// ConnectController()). Stopped later, it would wait for answers from a device that listens to somebody else: a virtio driver for ever.
/// Where a driver that there was does not start, the device is reset in the bus's way, and the driver has another try.
/// </summary>
internal unsafe struct Controllers
{
    // PCI Code and ID Assignment Specification 1.11, 1.2 to 1.13: what loaders load from, and what people type on.
    private const byte MassStorage = 0x01;
    private const byte Network = 0x02;
    private const byte SerialBus = 0x0C;

    private const uint ClassRegister = 8;

    /// <summary>The functions that matter to a loader and had a driver when the first guest got the machine.</summary>
    private Handle* _driven;
    private int _count;

    /// <summary>Finds them and stops their drivers, before the first guest has the machine.</summary>
    public void Start(UefiFirmware* firmware)
    {
        nuint count = 0;
        Handle* handles = null;
        Guid protocol = PciIo.Protocol;
        if (firmware->Services->LocateHandleBuffer(LocateSearchType.ByProtocol, &protocol, null, &count, &handles).IsError)
            return;
        _driven = firmware->Allocate<Handle>((int)count);
        for (nuint i = 0; i < count && _driven != null; i++)
        {
            PciIo* function = firmware->Interface<PciIo>(handles[i], protocol);
            if (function != null && IsForLoaders(function) && HasDriver(firmware, handles[i]))
                _driven[_count++] = handles[i];
        }

        firmware->Services->FreePool(handles);
        Disconnect(firmware);
    }

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

    /// <summary>Stops the drivers.</summary>
    public readonly void Disconnect(UefiFirmware* firmware)
    {
        for (int i = 0; i < _count; i++)
            firmware->Services->DisconnectController(_driven[i], default, default);
    }

    /// <summary>Starts them, and those of everything that is found behind the controllers.</summary>
    public readonly void Connect(UefiFirmware* firmware)
    {
        for (int i = 0; i < _count; i++)
        {
            if (TryConnect(firmware, _driven[i]))
                continue;
            PciIo* function = firmware->Interface<PciIo>(_driven[i], PciIo.Protocol);
            bool isReset = function != null && FunctionReset.TryRun(firmware, function);
            bool isConnected = isReset && TryConnect(firmware, _driven[i]);
            var line = new LogLine(isConnected ? "INFO a device was reset for the firmware's driver"u8
                : "WARN the firmware's driver does not start again; what is on this device cannot be loaded until the machine restarts"u8);
            if (function != null)
                AppendName(ref line, function);
            line.WriteTo<Log>();
        }
    }

    private static bool TryConnect(UefiFirmware* firmware, Handle handle)
    {
        // That some driver failed is not in the answer.
        firmware->Services->ConnectController(handle, null, null, 1);
        return HasDriver(firmware, handle);
    }

    private static void AppendName(ref LogLine line, PciIo* function)
    {
        uint identifier = 0;
        function->PciRead(function, PciWidth.Uint32, 0, 1, &identifier);
        line.Key("pci"u8);
        line.HexDigits((ushort)identifier, 4);
        line.Text(":"u8);
        line.HexDigits((ushort)(identifier >> 16), 4);
    }

    /// <summary>Whether a driver has the function to itself.</summary>
    private static bool HasDriver(UefiFirmware* firmware, Handle handle)
    {
        nuint count = 0;
        OpenProtocolInformationEntry* opens = null;
        Guid protocol = PciIo.Protocol;
        if (firmware->Services->OpenProtocolInformation(handle, &protocol, &opens, &count).IsError)
            return false;
        bool hasDriver = false;
        for (nuint i = 0; i < count; i++)
            hasDriver |= (opens[i].Attributes & OpenProtocolAttributes.ByDriver) != 0;
        firmware->Services->FreePool(opens);
        return hasDriver;
    }

    private static bool IsForLoaders(PciIo* function)
    {
        uint register = 0;
        if (function->PciRead(function, PciWidth.Uint32, ClassRegister, 1, &register).IsError)
            return false;
        return (byte)(register >> 24) is MassStorage or Network or SerialBus;
    }
}

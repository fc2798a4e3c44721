using System;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Firmware;

/// <summary>
/// Resets one PCI function in the bus's way, whatever state its last user has left it in, and gives it its resources back. By function
/// level reset (PCI Express 5.0, 6.6.2; PCI Advanced Capabilities ECN) where it has that, else by a reset of the bus that it is alone on
/// (PCI-to-PCI Bridge 1.2, 3.2.5.18).
/// </summary>
internal static unsafe class FunctionReset
{
    private const uint Identifier = 0x00;
    private const uint Command = 0x04;
    private const uint Status = 0x06;
    private const uint HeaderType = 0x0E;
    private const uint SecondaryBus = 0x19;
    private const uint FirstCapability = 0x34;
    private const uint BridgeControl = 0x3E;

    private const ushort HasCapabilities = 1 << 4;
    private const ushort ResetBus = 1 << 6;
    private const byte PciExpress = 0x10;
    private const byte AdvancedFeatures = 0x13;
    private const int HeaderWords = 16;
    private const int MostCapabilities = 48;

    // PCI Express 5.0, 6.6.1 and 6.6.2: 100 ms for requests under way, and again before the first access; a function may take 1 s.
    private const nuint Millisecond = 1000;
    private const int SettleMilliseconds = 100;
    private const int MostMilliseconds = 1000;

    /// <summary>Whether the function was reset and answers again.</summary>
    public static bool TryRun(UefiFirmware* firmware, PciIo* function)
    {
        // A bridge has other registers, and what is behind it goes too.
        if ((Read8(function, HeaderType) & 0x7F) != 0)
            return false;
        uint* header = stackalloc uint[HeaderWords];
        function->PciRead(function, PciWidth.Uint32, 0, HeaderWords, header);
        uint express = Find(function, PciExpress);
        ushort control = express == 0 ? (ushort)0 : Read16(function, express + 8);

        // No new requests; those under way are given time to end.
        Write16(function, Command, 0);
        firmware->Services->Stall(SettleMilliseconds * Millisecond);
        if (!TryFunctionLevel(function, express, control) && !TryBus(firmware, function))
        {
            Write16(function, Command, (ushort)header[1]);
            return false;
        }

        if (!WaitUntilThere(firmware, function, header[0]))
            return false;
        for (uint i = HeaderWords - 1; i > 1; i--)
            function->PciWrite(function, PciWidth.Uint32, i * sizeof(uint), 1, &header[i]);
        if (express != 0)
            Write16(function, express + 8, control);
        Write16(function, Command, (ushort)header[1]);
        return true;
    }

    private static bool TryFunctionLevel(PciIo* function, uint express, ushort control)
    {
        const uint HasExpressReset = 1 << 28;
        const ushort InitiateExpress = 1 << 15;
        const byte HasAdvancedReset = 1 << 1;
        const byte InitiateAdvanced = 1;
        if (express != 0 && (Read32(function, express + 4) & HasExpressReset) != 0)
        {
            Write16(function, express + 8, (ushort)(control | InitiateExpress));
            return true;
        }

        uint advanced = Find(function, AdvancedFeatures);
        if (advanced == 0 || (Read8(function, advanced + 3) & HasAdvancedReset) == 0)
            return false;
        byte initiate = InitiateAdvanced;
        return !function->PciWrite(function, PciWidth.Uint8, advanced + 4, 1, &initiate).IsError;
    }

    /// <summary>Only where nothing else is on the bus.</summary>
    private static bool TryBus(UefiFirmware* firmware, PciIo* function)
    {
        nuint segment;
        nuint bus;
        nuint device;
        nuint number;
        if (function->GetLocation(function, &segment, &bus, &device, &number).IsError)
            return false;
        nuint count = 0;
        Handle* handles = null;
        Guid protocol = PciIo.Protocol;
        if (firmware->Services->LocateHandleBuffer(LocateSearchType.ByProtocol, &protocol, null, &count, &handles).IsError)
            return false;
        PciIo* bridge = null;
        int onBus = 0;
        for (nuint i = 0; i < count; i++)
        {
            PciIo* other = firmware->Interface<PciIo>(handles[i], protocol);
            nuint at = 0;
            nuint on = 0;
            if (other == null || other->GetLocation(other, &at, &on, &device, &number).IsError || at != segment)
                continue;
            if (on == bus)
                onBus++;
            else if ((Read8(other, HeaderType) & 0x7F) == 1 && Read8(other, SecondaryBus) == bus)
                bridge = other;
        }

        firmware->Services->FreePool(handles);
        if (bridge == null || onBus != 1)
            return false;
        ushort control = Read16(bridge, BridgeControl);
        Write16(bridge, BridgeControl, (ushort)(control | ResetBus));
        firmware->Services->Stall(2 * Millisecond);
        Write16(bridge, BridgeControl, (ushort)(control & ~ResetBus));
        return true;
    }

    private static bool WaitUntilThere(UefiFirmware* firmware, PciIo* function, uint identifier)
    {
        for (int waited = 0; waited < MostMilliseconds; waited += SettleMilliseconds)
        {
            firmware->Services->Stall(SettleMilliseconds * Millisecond);
            if (Read32(function, Identifier) == identifier)
                return true;
        }

        return false;
    }

    /// <summary>Where a capability is, or 0: PCI Local Bus 3.0, 6.7 "Capabilities List".</summary>
    private static uint Find(PciIo* function, byte capability)
    {
        if ((Read16(function, Status) & HasCapabilities) == 0)
            return 0;
        uint at = Read8(function, FirstCapability);
        for (int i = 0; i < MostCapabilities && at >= 0x40; i++)
        {
            at &= 0xFC;
            if (Read8(function, at) == capability)
                return at;
            at = Read8(function, at + 1);
        }

        return 0;
    }

    private static byte Read8(PciIo* function, uint offset)
    {
        byte value = 0;
        function->PciRead(function, PciWidth.Uint8, offset, 1, &value);
        return value;
    }

    private static ushort Read16(PciIo* function, uint offset)
    {
        ushort value = 0;
        function->PciRead(function, PciWidth.Uint16, offset, 1, &value);
        return value;
    }

    private static uint Read32(PciIo* function, uint offset)
    {
        uint value = 0;
        function->PciRead(function, PciWidth.Uint32, offset, 1, &value);
        return value;
    }

    private static void Write16(PciIo* function, uint offset, ushort value) =>
        function->PciWrite(function, PciWidth.Uint16, offset, 1, &value);
}

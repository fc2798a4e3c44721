using System;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Guest.Devices;

/// <summary>The keyboard on USB, by the firmware's driver, as a loader's menu has it: not the one of the PC, nor a serial line.</summary>
internal static unsafe class UsbKeyboard
{
    /// <summary>UEFI 2.10, 10.3.4.6 "USB Device Paths".</summary>
    private const byte Usb = 5;

    /// <summary>Waits until somebody presses a key.</summary>
    public static void AwaitKey()
    {
        SimpleTextInput* keyboard = Find();
        if (keyboard == null)
        {
            Report.Bad("the firmware has no USB keyboard"u8);
            return;
        }

        Report.Say("awaits-key"u8);
        InputKey key = default;
        while (keyboard->ReadKeyStroke(keyboard, &key).IsError)
            Instructions.Pause();
        LogLine line = Report.Begin("key"u8);
        line.Hex("character"u8, key.UnicodeChar);
        line.WriteTo<DebugPort>();
    }

    private static SimpleTextInput* Find()
    {
        Guid protocol = SimpleTextInput.Protocol;
        nuint count = 0;
        Handle* handles = null;
        if (Firmware.Services->LocateHandleBuffer(LocateSearchType.ByProtocol, &protocol, null, &count, &handles).IsError)
            return null;
        for (nuint i = 0; i < count; i++)
        {
            SimpleTextInput* input;
            if (IsUsb(handles[i]) && !Firmware.Services->HandleProtocol(handles[i], &protocol, (void**)&input).IsError)
                return input;
        }

        return null;
    }

    private static bool IsUsb(Handle device)
    {
        Guid protocol = DevicePath.Protocol;
        DevicePath* node;
        if (Firmware.Services->HandleProtocol(device, &protocol, (void**)&node).IsError)
            return false;
        for (; node->Type != DevicePathType.End; node = (DevicePath*)((byte*)node + node->Length))
        {
            if (node->Type == DevicePathType.Messaging && node->SubType == Usb)
                return true;
        }

        return false;
    }
}

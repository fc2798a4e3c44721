using System;

namespace Switcher.Efi.Uefi;

/// <summary>EFI_SIMPLE_TEXT_INPUT_PROTOCOL: UEFI 2.10, section 12.3 "Simple Text Input Protocol".</summary>
public unsafe struct SimpleTextInput
{
    public delegate* unmanaged<SimpleTextInput*, byte, EfiStatus> Reset;
    public delegate* unmanaged<SimpleTextInput*, InputKey*, EfiStatus> ReadKeyStroke;
    public Event WaitForKey;

    public static Guid Protocol => new(0x387477c1, 0x69c7, 0x11d2, 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b);
}

/// <summary>EFI_INPUT_KEY.</summary>
public struct InputKey
{
    public ushort ScanCode;
    public char UnicodeChar;
}

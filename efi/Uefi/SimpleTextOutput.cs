using System;

namespace Switcher.Efi.Uefi;

/// <summary>EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL: UEFI 2.10, section 12.4 "Simple Text Output Protocol".</summary>
public unsafe struct SimpleTextOutput
{
    public delegate* unmanaged<SimpleTextOutput*, byte, EfiStatus> Reset;
    public delegate* unmanaged<SimpleTextOutput*, char*, EfiStatus> OutputString;
    public delegate* unmanaged<SimpleTextOutput*, char*, EfiStatus> TestString;
    public delegate* unmanaged<SimpleTextOutput*, nuint, nuint*, nuint*, EfiStatus> QueryMode;
    public delegate* unmanaged<SimpleTextOutput*, nuint, EfiStatus> SetMode;
    public delegate* unmanaged<SimpleTextOutput*, nuint, EfiStatus> SetAttribute;
    public delegate* unmanaged<SimpleTextOutput*, EfiStatus> ClearScreen;
    public delegate* unmanaged<SimpleTextOutput*, nuint, nuint, EfiStatus> SetCursorPosition;
    public delegate* unmanaged<SimpleTextOutput*, byte, EfiStatus> EnableCursor;
    public SimpleTextOutputMode* Mode;

    public static Guid Protocol => new(0x387477c2, 0x69c7, 0x11d2, 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b);
}

/// <summary>SIMPLE_TEXT_OUTPUT_MODE.</summary>
public struct SimpleTextOutputMode
{
    public int MaxMode;
    public int Mode;
    public int Attribute;
    public int CursorColumn;
    public int CursorRow;
    public byte CursorVisible;
}

using System;

namespace Switcher.Efi.Uefi;

/// <summary>EFI_GRAPHICS_OUTPUT_PROTOCOL: UEFI 2.10, section 12.9 "Graphics Output Protocol".</summary>
public unsafe struct GraphicsOutput
{
    public delegate* unmanaged<GraphicsOutput*, uint, nuint*, GraphicsOutputModeInformation**, EfiStatus> QueryMode;
    public delegate* unmanaged<GraphicsOutput*, uint, EfiStatus> SetMode;
    public void* Blt;
    public GraphicsOutputMode* Mode;

    public static Guid Protocol => new(0x9042a9de, 0x23dc, 0x4a38, 0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a);
}

/// <summary>EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE.</summary>
public unsafe struct GraphicsOutputMode
{
    public uint MaxMode;
    public uint Mode;
    public GraphicsOutputModeInformation* Info;
    public nuint SizeOfInfo;
    public ulong FrameBufferBase;

    /// <summary>Bytes.</summary>
    public nuint FrameBufferSize;
}

/// <summary>EFI_GRAPHICS_OUTPUT_MODE_INFORMATION.</summary>
public struct GraphicsOutputModeInformation
{
    public uint Version;
    public uint HorizontalResolution;
    public uint VerticalResolution;
    public uint PixelFormat;
    public uint RedMask;
    public uint GreenMask;
    public uint BlueMask;
    public uint ReservedMask;
    public uint PixelsPerScanLine;
}

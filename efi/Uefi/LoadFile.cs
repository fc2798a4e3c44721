using System;

namespace Switcher.Efi.Uefi;

/// <summary>
/// EFI_LOAD_FILE_PROTOCOL and EFI_LOAD_FILE2_PROTOCOL, which have the same form: UEFI 2.10, sections 13.1 "Load File Protocol" and 13.2
/// "Load File 2 Protocol".
/// </summary>
public unsafe struct LoadFile
{
    /// <summary>This, path, boot policy (0 for LoadFile2), buffer size in bytes (in and out), buffer.</summary>
    public delegate* unmanaged<LoadFile*, DevicePath*, byte, nuint*, void*, EfiStatus> Load;

    public static Guid Protocol => new(0x56ec3091, 0x954c, 0x11d2, 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b);

    public static Guid Protocol2 => new(0x4006c0c1, 0xfcb3, 0x403e, 0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, 0xe0, 0x6d);
}

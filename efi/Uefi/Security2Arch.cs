using System;

namespace Switcher.Efi.Uefi;

/// <summary>EFI_SECURITY2_ARCH_PROTOCOL: PI 1.8, volume II, "Security2 Architectural Protocol".</summary>
public unsafe struct Security2Arch
{
    /// <summary>This, device path, file buffer, its size in bytes, boot policy.</summary>
    public delegate* unmanaged<Security2Arch*, DevicePath*, void*, nuint, byte, EfiStatus> FileAuthentication;

    public static Guid Protocol => new(0x94ab2f58, 0x1438, 0x4ef1, 0x91, 0x52, 0x18, 0x94, 0x1a, 0x3a, 0x0e, 0x68);
}

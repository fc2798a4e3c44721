using System;

namespace Switcher.Efi.Uefi;

/// <summary>
/// EFI_PCI_IO_PROTOCOL: UEFI 2.10, 14.4 "EFI PCI I/O Protocol", as far as the configuration space and where a function is.
/// </summary>
public unsafe struct PciIo
{
    public void* PollMem;
    public void* PollIo;
    public void* MemRead;
    public void* MemWrite;
    public void* IoRead;
    public void* IoWrite;

    /// <summary>This, width, offset, count, buffer.</summary>
    public delegate* unmanaged<PciIo*, PciWidth, uint, nuint, void*, EfiStatus> PciRead;

    /// <summary>The same.</summary>
    public delegate* unmanaged<PciIo*, PciWidth, uint, nuint, void*, EfiStatus> PciWrite;

    public void* CopyMem;
    public void* Map;
    public void* Unmap;
    public void* AllocateBuffer;
    public void* FreeBuffer;
    public void* Flush;

    /// <summary>This, segment, bus, device, function.</summary>
    public delegate* unmanaged<PciIo*, nuint*, nuint*, nuint*, nuint*, EfiStatus> GetLocation;

    public static Guid Protocol => new(0x4cf5b200, 0x68b8, 0x4ca5, 0x9e, 0xec, 0xb2, 0x3e, 0x3f, 0x50, 0x02, 0x9a);
}

/// <summary>EFI_PCI_IO_PROTOCOL_WIDTH.</summary>
public enum PciWidth : uint
{
    Uint8,
    Uint16,
    Uint32,
}

using System;
using Switcher.Agent;

namespace Switcher.Tests.Guest.Devices;

/// <summary>Reads the machine's first disk by DMA, through whichever controller it has.</summary>
internal static unsafe class Disk
{
    public const int SectorSize = 512;
    private const uint AhciClass = 0x01_06_01;
    private const uint IdeClass = 0x01_01;

    /// <summary>
    /// Reads the header of the partition table, sector 1, which begins with "EFI PART" (UEFI 2.10, section 5.3.2), to a page of the
    /// guest's.
    /// </summary>
    /// <param name="page">The page; it is overwritten.</param>
    /// <returns>Whether the data came.</returns>
    public static bool TryReadHeader(ulong page)
    {
        new Span<byte>((void*)page, SectorSize).Fill(0xA5);
        for (int i = 0; i < Pci.Count; i++)
        {
            uint function = Pci.At(i);
            uint kind = Pci.ClassOf(function);
            bool isRead = kind == AhciClass ? Ahci.TryRead(function, 1, page) : kind >> 8 == IdeClass && Ide.TryRead(function, 1, page);
            if (isRead)
                return Words.Same(new ReadOnlySpan<byte>((void*)page, 8), "EFI PART"u8);
        }

        return false;
    }
}

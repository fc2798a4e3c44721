namespace Switcher.Runner.Guests;

/// <summary>How a disk is attached.</summary>
public enum DiskTransport
{
    Nvme,
    Ahci,
    VirtioBlk,

    /// <summary>A USB stick on an xHCI controller; only the system disk, and only the full kernel has the drivers.</summary>
    Usb,

    /// <summary>Parallel ATA, on a PIIX3 or PIIX4.</summary>
    Ata,
}

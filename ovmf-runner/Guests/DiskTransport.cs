namespace Switcher.Runner.Guests;

/// <summary>How a guest's own disk is attached.</summary>
public enum DiskTransport
{
    Nvme,
    Ahci,
    VirtioBlk,

    /// <summary>Parallel ATA, on a PIIX3 or PIIX4.</summary>
    Ata,
}

using Switcher.Boot.Memory;

namespace Switcher.Hv.Devices;

/// <summary>A PCI function and its configuration space as the firmware left it when the run phase began.</summary>
public struct PciFunction
{
    /// <summary>Bytes of configuration space that are kept.</summary>
    public const int ConfigurationBytes = 256;

    public PciAddress Address;

    /// <summary>Offsets of the capabilities that matter here, 0 if absent.</summary>
    public byte PowerManagement;
    public byte Msi;
    public byte MsiX;

    /// <summary>True for PCI-to-PCI bridges.</summary>
    public bool IsBridge;

    /// <summary>True for host bridges, ISA bridges and other chipset functions that are not devices of an operating system.</summary>
    public bool IsChipset;

    /// <summary><see cref="ConfigurationBytes"/> bytes.</summary>
    public HostPhysicalAddress Configuration;
}

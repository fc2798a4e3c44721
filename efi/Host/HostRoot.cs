using Switcher.Boot.Memory;
using Switcher.Hv.State;

namespace Switcher.Efi.Host;

/// <summary>The first page of the hypervisor's memory: everything else is reached from here.</summary>
internal struct HostRoot
{
    public HypervisorState State;
    public Backend Backend;
    public PhysicalArray<HostCpu> HostCpus;

    /// <summary>Root of the hypervisor's own page tables.</summary>
    public HostPhysicalAddress PageTable;

    /// <summary>Ring of the log.</summary>
    public HostPhysicalAddress LogRing;

    /// <summary>A page of zeros, for XRSTOR.</summary>
    public HostPhysicalAddress InitialXsave;

    /// <summary>From the original image to the copy, in bytes.</summary>
    public ulong ImageDelta;

    /// <summary>Bytes of the image in memory.</summary>
    public ulong ImageBytes;
}

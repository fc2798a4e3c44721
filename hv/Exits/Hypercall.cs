namespace Switcher.Hv.Exits;

/// <summary>
/// What Switcher's own code on the boot side asks of the hypervisor, in RAX; arguments are in RCX and RDX. Only in the boot phase: a guest
/// that runs finds no hypercalls (#UD, as on a CPU without the extension).
/// </summary>
public static class Hypercall
{
    /// <summary>
    /// RCX: guest; RDX: physical address of a <see cref="Switch.ParkContext"/>. Keeps the CPU's state as the guest's and comes back twice:
    /// at once with RAX 1, and at the guest's first activation with RAX 0.
    /// </summary>
    public const ulong Park = 0x5357_0001;

    /// <summary>RCX: guest. From now on that guest has the machine. RAX 0.</summary>
    public const ulong BeginRunPhase = 0x5357_0002;

    /// <summary>The CPU goes on without the hypervisor. RAX 0.</summary>
    public const ulong Leave = 0x5357_0003;
}

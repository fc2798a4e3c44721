namespace Switcher.Hv.Exits;

/// <summary>
/// What Switcher's own code asks of the hypervisor, in RAX; arguments are in RCX and RDX. Only the firmware's domain may ask, and of a
/// guest the one page with its runtime services: otherwise there are no hypercalls (#UD, as on a CPU without the extension).
/// </summary>
public static class Hypercall
{
    /// <summary>
    /// RCX: guest; RDX: physical address of a <see cref="Switch.ParkContext"/>. Keeps the CPU's state as the guest's and comes back twice:
    /// at once with RAX 1, and at the guest's first activation with RAX 0.
    /// </summary>
    public const ulong Park = 0x5357_0001;

    /// <summary>The CPU goes on without the hypervisor. RAX 0.</summary>
    public const ulong Leave = 0x5357_0002;

    /// <summary>
    /// From a guest's runtime services in the run phase, at privilege level 0 and from the page of code that the guest has for it: the
    /// firmware is to serve the guest's mailbox. RAX: the EFI_STATUS.
    /// </summary>
    public const ulong CallFirmware = 0x5357_0003;

    /// <summary>
    /// From the firmware's domain: all guests are loaded, or what it was asked for is done. RCX: a <see cref="State.FirmwareAnswer"/>; RDX:
    /// the EFI_STATUS for the caller. Comes back with the next request: a <see cref="State.FirmwareRequest"/> in RAX's low half, the guest
    /// in the high one.
    /// </summary>
    public const ulong NextRequest = 0x5357_0004;

    /// <summary>From the firmware's domain: the hypervisor writes its <see cref="State.HypervisorReport"/>. RAX 0.</summary>
    public const ulong Report = 0x5357_0005;

    /// <summary>
    /// From the firmware's domain: the hypervisor writes the latest whole lines of its log behind the report. RCX: bytes at the most. RAX:
    /// bytes.
    /// </summary>
    public const ulong CopyLog = 0x5357_0006;

    /// <summary>
    /// From the firmware's domain: RCX is the guest that is to have the machine at the next switch, not the one that has it now, or
    /// <see cref="NoGuest"/>. RAX 0.
    /// </summary>
    public const ulong SetNext = 0x5357_0007;

    /// <summary>
    /// From the firmware's domain: RDX is the <see cref="Boot.Config.SleepPolicy"/> of the guest in RCX, or with <see cref="NoGuest"/> of
    /// all together. RAX 0.
    /// </summary>
    public const ulong SetSleep = 0x5357_0008;

    /// <summary>In place of a guest.</summary>
    public const ulong NoGuest = ulong.MaxValue;
}

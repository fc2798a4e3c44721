using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Switch;

/// <summary>Takes the machine from one guest and gives it to another, read from top to bottom.</summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
/// <typeparam name="TVirtualization">The vendor's extension.</typeparam>
public static class GuestSwitch<TPlatform, TVirtualization>
    where TPlatform : struct, IPlatform
    where TVirtualization : struct, IVirtualization
{
    /// <summary>What a waking system finds in PM1_STS; the power button's bit makes Windows light the screen.</summary>
    private const ushort WokenByPowerButton = Pm1Event.Wake | Pm1Event.PowerButton;

    /// <summary>
    /// Switches to <paramref name="next"/>. The caller holds the switch lock, has stopped the other CPUs and has set the phase of the guest that goes.
    /// </summary>
    public static void Run(ref HypervisorState hypervisor, ref VirtualCpu cpu, int next, SwitchReason reason)
    {
        ref Guest guest = ref hypervisor.Guests.At<TPlatform>(next);
        bool isFirst = guest.Phase == GuestPhase.Parked;
        SwitchLog<TPlatform>.Begin(ref hypervisor, cpu, next, isFirst, reason);

        // Nothing that the old guest started may reach the new one: no interrupt, no timer, no wake event, no DMA.
        PciHandover<TPlatform>.Silence(hypervisor.PciFunctions);
        ChipsetQuiesce<TPlatform>.Run(hypervisor.Chipset);
        FixedHardware<TPlatform>.Quiesce(hypervisor.Power);
        LocalApic<TPlatform>.Reset(hypervisor.LocalApic);

        // A system that wakes restores its devices itself; one that boots expects them as the firmware left them.
        if (isFirst)
            PciHandover<TPlatform>.RestoreFirmwareState(hypervisor.PciFunctions, hypervisor.TimestampFrequency / 1000);

        WakeStatus.Show<TPlatform>(ref hypervisor, 0);
        hypervisor.ActiveGuest = next;
        WakeStatus.Show<TPlatform>(ref hypervisor, isFirst ? (ushort)0 : WokenByPowerButton);
        Enter(ref hypervisor, ref cpu);
    }

    /// <summary>Lets all CPUs go on in the active guest.</summary>
    public static void Enter(ref HypervisorState hypervisor, ref VirtualCpu cpu)
    {
        Rendezvous<TPlatform, TVirtualization>.ReleaseOthers(ref hypervisor);
        Rendezvous<TPlatform, TVirtualization>.EnterActiveGuest(ref hypervisor, ref cpu);
    }
}

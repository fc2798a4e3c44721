using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>Takes the machine from one guest and gives it to another, read from top to bottom.</summary>
    public static class GuestSwitch
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
            SwitchLog.Begin(ref hypervisor, cpu, next, isFirst, reason);

            // Nothing that the old guest started may reach the new one: no interrupt, no timer, no wake event, no DMA.
            PciHandover.Silence(hypervisor.PciFunctions);
            ChipsetQuiesce.Run(hypervisor.Chipset);
            FixedHardware.Quiesce(hypervisor.Power);
            LocalApic.Reset(hypervisor.LocalApic);

            // A system that wakes restores its devices itself; one that boots expects them as the firmware left them.
            if (isFirst)
                PciHandover.RestoreFirmwareState(hypervisor.PciFunctions, hypervisor.TimestampFrequency / 1000);

            WakeStatus.Show(ref hypervisor, 0);
            hypervisor.ActiveGuest = next;
            WakeStatus.Show(ref hypervisor, isFirst ? (ushort)0 : WokenByPowerButton);
            Enter(ref hypervisor, ref cpu);
        }

        /// <summary>Lets all CPUs go on in the active guest.</summary>
        public static void Enter(ref HypervisorState hypervisor, ref VirtualCpu cpu)
        {
            Rendezvous.ReleaseOthers(ref hypervisor);
            Rendezvous.EnterActiveGuest(ref hypervisor, ref cpu);
        }
    }
}

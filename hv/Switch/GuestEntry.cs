using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>Where the boot CPU goes on in the guest that has become active: where its loader was stopped, or at its waking vector.</summary>
    public static class GuestEntry
    {
        public static void Prepare(ref HypervisorState hypervisor, ref VirtualCpu cpu)
        {
            ref Guest guest = ref hypervisor.Guests.At<TPlatform>(hypervisor.ActiveGuest);
            LocalApic.SetVirtualWire(hypervisor.LocalApic);
            if (guest.Phase == GuestPhase.Parked)
            {
                cpu.Fpu = guest.ParkedFpu;
                cpu.Registers = guest.ParkedRegisters;
                TVirtualization.LoadState(ref cpu, guest.ParkedState);
            }
            else
            {
                cpu.Registers = default;
                cpu.Fpu = FpuState.AfterReset;
                TVirtualization.LoadState(ref cpu, WakingVector.Read<TPlatform>(guest.Facs).EntryState());
            }
            guest.Phase = GuestPhase.Active;
        }
    }
}

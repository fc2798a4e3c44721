using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>The active guest asked for S3: another guest gets the machine, or the machine sleeps.</summary>
    public static class GuestSleep
    {
        public static void Run(ref HypervisorState hypervisor, ref VirtualCpu cpu)
        {
            // If another CPU switches already, this one is about to be stopped: back to the run loop, which will see the request.
            if (!Rendezvous.TryBegin(ref hypervisor))
                return;

            ref Guest guest = ref hypervisor.Guests.At<TPlatform>(hypervisor.ActiveGuest);
            var line = new LogLine("STEP s3"u8);
            GuestLog.AppendGuest(ref line, hypervisor, hypervisor.ActiveGuest);
            line.WriteTo<TPlatform>();
            Rendezvous.StopOthers(ref hypervisor, cpu);

            if (!WakingVector.Read<TPlatform>(guest.Facs).IsSet)
            {
                // A firmware would find nothing to wake and start the system anew: for Switcher that is the end of the session.
                line = new LogLine("WARN the guest sleeps without a waking vector: its session is over"u8);
                line.WriteTo<TPlatform>();
                GuestEnd.Finish(ref hypervisor, ref cpu, SwitchReason.Shutdown);
                return;
            }
            guest.Phase = GuestPhase.Suspended;
            int next = GuestSelection.Next(hypervisor);
            if (next != GuestSelection.None)
                GuestSwitch.Run(ref hypervisor, ref cpu, next, SwitchReason.Suspend);
            else
                OrdinarySleep.Run(ref hypervisor, ref cpu);
        }
    }
}

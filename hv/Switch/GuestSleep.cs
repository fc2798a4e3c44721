using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Switch;

/// <summary>The active guest asked for S3: another guest gets the machine, or the machine sleeps.</summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
/// <typeparam name="TVirtualization">The vendor's extension.</typeparam>
public static class GuestSleep<TPlatform, TVirtualization>
    where TPlatform : struct, IPlatform
    where TVirtualization : struct, IVirtualization
{
    public static void Run(ref HypervisorState hypervisor, ref VirtualCpu cpu)
    {
        // If another CPU switches already, this one is about to be stopped: back to the run loop, which will see the request.
        if (!Rendezvous<TPlatform, TVirtualization>.TryBegin(ref hypervisor))
            return;

        ref Guest guest = ref hypervisor.Guests.At<TPlatform>(hypervisor.ActiveGuest);
        var line = new LogLine("STEP s3"u8);
        GuestLog.AppendGuest<TPlatform>(ref line, hypervisor, hypervisor.ActiveGuest);
        line.WriteTo<TPlatform>();
        Rendezvous<TPlatform, TVirtualization>.StopOthers(ref hypervisor, cpu);

        if (!WakingVector.Read<TPlatform>(guest.Facs).IsSet)
        {
            // A firmware would find nothing to wake and start the system anew: for Switcher that is the end of the session.
            line = new LogLine("WARN the guest sleeps without a waking vector: its session is over"u8);
            line.WriteTo<TPlatform>();
            GuestEnd<TPlatform, TVirtualization>.Finish(ref hypervisor, ref cpu, SwitchReason.Shutdown);
            return;
        }
        guest.Phase = GuestPhase.Suspended;
        int next = GuestSelection.Next<TPlatform>(hypervisor);
        if (next != GuestSelection.None)
            GuestSwitch<TPlatform, TVirtualization>.Run(ref hypervisor, ref cpu, next, SwitchReason.Suspend);
        else
            OrdinarySleep<TPlatform, TVirtualization>.Run(ref hypervisor, ref cpu);
    }
}

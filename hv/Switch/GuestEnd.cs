using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>The active guest is over: it shut down, reset the machine or crashed. The others keep their sessions, and one of them goes on.</summary>
    public static class GuestEnd
    {
        public static void Run(ref HypervisorState hypervisor, ref VirtualCpu cpu, SwitchReason reason)
        {
            if (!Rendezvous.TryBegin(ref hypervisor))
                return;
            if (hypervisor.ActiveGuest == HypervisorState.Firmware)
            {
                // No guest has a session yet; the machine does what it would have done without us.
                LogReset("STEP reset"u8);
                MachineReset.Run(hypervisor.Power);
            }
            Rendezvous.StopOthers(ref hypervisor, cpu);
            Finish(ref hypervisor, ref cpu, reason);
        }

        /// <summary>As <see cref="Run"/>, when the other CPUs have been stopped already.</summary>
        public static void Finish(ref HypervisorState hypervisor, ref VirtualCpu cpu, SwitchReason reason)
        {
            hypervisor.Guests.At<TPlatform>(hypervisor.ActiveGuest).Phase = GuestPhase.Off;
            var line = new LogLine("INFO ended"u8);
            GuestLog.AppendGuest(ref line, hypervisor, hypervisor.ActiveGuest);
            line.Word("reason"u8, SwitchReasonText.Of(reason));
            line.WriteTo<TPlatform>();

            int next = GuestSelection.Next(hypervisor);
            if (next != GuestSelection.None)
            {
                GuestSwitch.Run(ref hypervisor, ref cpu, next, reason);
                return;
            }
            LastGuest.LogEnd(hypervisor, "STEP reset"u8);
            MachineReset.Run(hypervisor.Power);
        }

        private static void LogReset(System.ReadOnlySpan<byte> text)
        {
            var line = new LogLine(text);
            line.WriteTo<TPlatform>();
        }
    }
}

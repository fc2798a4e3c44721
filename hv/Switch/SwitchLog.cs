using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>
    /// The log of a switch: its ticks run from the intercepted write to the new guest's first instruction, so the lines are written at
    /// the first exit after that, when they no longer count.
    /// </summary>
    public static class SwitchLog
    {
        /// <summary>Notes a switch whose request <paramref name="cpu"/> intercepted at its latest exit.</summary>
        public static void Begin(ref HypervisorState hypervisor, in VirtualCpu cpu, int next, bool isFirst, SwitchReason reason)
        {
            hypervisor.SwitchCount++;
            hypervisor.Pending = new PendingSwitch
            {
                IsActive = true,
                From = hypervisor.ActiveGuest,
                To = next,
                IsFirst = isFirst,
                Reason = reason,
                Start = cpu.ExitTimestamp,
                EnteredCpus = TakeEntered(hypervisor),
            };
        }

        /// <summary>Called right before every entry.</summary>
        public static void BeforeEntry(ref HypervisorState hypervisor, in VirtualCpu cpu)
        {
            if (cpu.Index == 0 && hypervisor.Pending.IsActive)
                hypervisor.Pending.End = TPlatform.ReadTimestamp();
        }

        /// <summary>Called after every exit.</summary>
        public static void AfterExit(ref HypervisorState hypervisor, in VirtualCpu cpu)
        {
            if (cpu.Index == 0 && hypervisor.Pending.IsActive)
                Write(ref hypervisor);
        }

        private static void Write(ref HypervisorState hypervisor)
        {
            ref PendingSwitch pending = ref hypervisor.Pending;
            pending.IsActive = false;
            var line = new LogLine("STEP switch"u8);
            line.Number("n"u8, hypervisor.SwitchCount);
            line.Number("from"u8, (ulong)pending.From);
            line.Number("to"u8, (ulong)pending.To);
            line.Number("first"u8, pending.IsFirst ? 1u : 0u);
            line.Word("reason"u8, SwitchReasonText.Of(pending.Reason));
            line.Number("ticks"u8, pending.End - pending.Start);
            line.WriteTo<TPlatform>();

            GuestLog.WriteExits(hypervisor, pending.From);
            line = new LogLine("INFO cpus"u8);
            GuestField.Append(ref line, "guest"u8, pending.From);
            line.Number("entered"u8, pending.EnteredCpus);
            line.WriteTo<TPlatform>();
        }

        private static uint TakeEntered(in HypervisorState hypervisor)
        {
            uint entered = 0;
            for (int i = 0; i < hypervisor.Cpus.Count; i++)
            {
                entered += (uint)hypervisor.Cpus.At<TPlatform>(i).HasEntered;
                hypervisor.Cpus.At<TPlatform>(i).HasEntered = 0;
            }
            return entered;
        }
    }
}

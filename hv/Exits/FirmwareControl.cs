using System;
using Switcher.Boot.Config;
using Switcher.Boot.Memory;
using Switcher.Hv.State;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>What the firmware's domain asks and orders on behalf of the user: the state of things, and what S3 means.</summary>
    public static class FirmwareControl
    {
        /// <summary>Writes the <see cref="HypervisorReport"/>.</summary>
        public static void Report(in HypervisorState hypervisor)
        {
            ref HypervisorReport report = ref TPlatform.At<HypervisorReport>(hypervisor.Report);
            ref readonly PendingSwitch latest = ref hypervisor.Pending;
            bool hasSwitched = hypervisor.SwitchCount != 0;
            report = new HypervisorReport
            {
                Switches = hypervisor.SwitchCount,
                From = hasSwitched ? Domain.GuestOf(latest.From) : Domain.Nobody,
                To = hasSwitched ? Domain.GuestOf(latest.To) : Domain.Nobody,
                Ticks = latest.End - latest.Start,
                TimestampFrequency = hypervisor.TimestampFrequency,
                Next = Domain.GuestOf(hypervisor.NextDomain),
                Sleep = hypervisor.Sleep,
                HasLostServices = hypervisor.HasLostServices,
            };
            for (int i = 0; i < hypervisor.GuestCount; i++)
            {
                ref Domain guest = ref At(hypervisor, Domain.OfGuest(i));
                report.Guests[i] = new GuestReport { Phase = guest.Phase, Sleep = guest.Sleep, Restarts = guest.Restarts };
                for (int reason = 0; reason < ExitReasonText.Count; reason++)
                    report.Guests[i].Exits += At(guest.ExitCounts, reason);
            }
        }

        /// <summary>Writes the log's latest lines behind the report.</summary>
        /// <param name="most">Bytes that are wanted at the most.</param>
        /// <returns>Bytes that there are.</returns>
        public static ulong CopyLog(in HypervisorState hypervisor, ulong most)
        {
            int capacity = (int)Math.Min(most, HypervisorReport.LogCapacity);
            return (ulong)TPlatform.CopyLog(TPlatform.Bytes(hypervisor.Report + HypervisorReport.LogOffset, capacity));
        }

        /// <summary>Whether a guest can be named as the next one: any but the one that has the machine.</summary>
        public static bool MayBeNext(in HypervisorState hypervisor, ulong guest)
            => guest == Hypercall.NoGuest
                || (guest < (ulong)hypervisor.GuestCount && Domain.OfGuest((int)guest) != hypervisor.ActiveDomain);

        public static void SetNext(ref HypervisorState hypervisor, ulong guest)
            => hypervisor.NextDomain = guest == Hypercall.NoGuest ? Domain.Firmware : Domain.OfGuest((int)guest);

        /// <summary>Whether there is such a guest and such a policy.</summary>
        public static bool IsOne(in HypervisorState hypervisor, ulong guest, ulong policy)
            => (guest == Hypercall.NoGuest || guest < (ulong)hypervisor.GuestCount) && policy <= (ulong)SleepPolicy.Machine;

        public static void SetSleep(ref HypervisorState hypervisor, ulong guest, SleepPolicy policy)
        {
            if (guest == Hypercall.NoGuest)
                hypervisor.Sleep = policy;
            else
                At(hypervisor, Domain.OfGuest((int)guest)).Sleep = policy;
        }
    }
}

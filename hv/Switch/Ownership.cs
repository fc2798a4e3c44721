using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Hv.Devices;
using Switcher.Hv.State;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>Who has the machine.</summary>
    public static class Ownership
    {
        /// <summary>
        /// The machine's owner changes here and nowhere else, whoever it was and whoever it will be: a domain, or nobody while the machine
        /// sleeps. All CPUs are in the hypervisor, or wait in the firmware.
        /// </summary>
        /// <param name="hypervisor">What the hypervisor knows.</param>
        /// <param name="cpu">The CPU whose latest exit asked for this.</param>
        /// <param name="next">The new owner, or <see cref="Domain.Nobody"/>.</param>
        /// <param name="reason">Why; what becomes of the old owner follows from it.</param>
        /// <param name="wakeStatus">PM1 status that a domain finds that wakes from S3.</param>
        public static void Change(ref HypervisorState hypervisor, in VirtualCpu cpu, int next, SwitchReason reason, ushort wakeStatus)
        {
            int old = hypervisor.ActiveDomain;
            uint entered = TakeEntered(hypervisor);
            if (old != Domain.Nobody)
            {
                ref Domain domain = ref At(hypervisor, old);
                bool suspends = reason == SwitchReason.Suspend;
                domain.Phase = suspends ? DomainPhase.Suspended : Domain.IsFirmware(old) ? DomainPhase.Parked : DomainPhase.Off;
                domain.Devices = suspends ? DeviceState.Silenced : DeviceState.AsFirmwareLeft;
                domain.WakeStatus = 0;
                domain.SleepRequest = default;
                if (suspends)
                    domain.EarlyResets = 0;
                if (!Domain.IsFirmware(old))
                    hypervisor.LastGuest = old;
            }
            if (Domain.IsFirmware(next))
                BeginLoading(ref At(hypervisor, hypervisor.LoadingDomain));
            hypervisor.ActiveDomain = next;
            bool wakes = false;
            if (next != Domain.Nobody)
            {
                int before = hypervisor.Resident;
                AcpiNvs.Exchange(hypervisor, before, next);
                GuestClock.Give(ref hypervisor, before, next);
                hypervisor.Resident = next;
                ref Domain domain = ref At(hypervisor, next);
                wakes = domain.Phase == DomainPhase.Suspended;
                if (!wakes)
                    domain.Begun = TPlatform.ReadTimestamp();
                domain.WakeStatus = wakes ? wakeStatus : (ushort)0;
                domain.Phase = DomainPhase.Active;
            }
            WakeStatus.Intercept(hypervisor, wakes);
            if (old == Domain.Nobody || next == Domain.Nobody || Domain.IsFirmware(old) || Domain.IsFirmware(next))
                return;
            hypervisor.SwitchCount++;
            hypervisor.Pending = new PendingSwitch
            {
                IsActive = true,
                From = old,
                To = next,
                IsFirst = !wakes,
                Reason = reason,
                Start = cpu.ExitTimestamp,
                EnteredCpus = entered,
            };
        }

        /// <summary>A guest has no session any more and gets another one.</summary>
        public static void BeginLoading(ref Domain domain) => domain.Phase = DomainPhase.Loading;

        /// <summary>A guest that could not be loaded again is over.</summary>
        public static void GiveUp(ref Domain domain) => domain.Phase = DomainPhase.Off;

        /// <summary>How many CPUs executed the active domain. None has executed the next one.</summary>
        private static uint TakeEntered(in HypervisorState hypervisor)
        {
            uint entered = 0;
            for (int i = 0; i < hypervisor.Cpus.Count; i++)
            {
                ref VirtualCpu cpu = ref Cpu(hypervisor, i);
                entered += (uint)cpu.HasEntered;
                cpu.HasEntered = 0;
            }
            return entered;
        }
    }

    /// <summary>
    /// The firmware's ACPI NVS memory (ACPI 6.5, 15.2 "E820 Assumptions and Limitations"). AML, System Management Mode and devices talk to
    /// each other through it at its real address, and every system saves and restores it around S3 on its own. So the real memory holds
    /// what the domain that has the machine left there, and the others' contents are kept meanwhile.
    /// </summary>
    public static class AcpiNvs
    {
        /// <summary>
        /// Puts a domain's contents into the real memory, in place of those of the last one that had the machine; a guest begins with the
        /// firmware's. Costs two copies of the memory, which is a few MiB, however much RAM there is.
        /// </summary>
        public static void Exchange(in HypervisorState hypervisor, int from, int to)
        {
            if (from == to)
                return;
            HostPhysicalAddress kept = At(hypervisor, from).Nvs;
            for (int i = 0; i < hypervisor.NvsRanges.Count; i++)
            {
                Span<byte> range = RangeOf(hypervisor, i);
                range.CopyTo(TPlatform.Bytes(kept, range.Length));
                kept += (ulong)range.Length;
            }
            bool begins = At(hypervisor, to).Phase == DomainPhase.Parked;
            HostPhysicalAddress contents = At(hypervisor, begins ? Domain.Firmware : to).Nvs;
            for (int i = 0; i < hypervisor.NvsRanges.Count; i++)
            {
                Span<byte> range = RangeOf(hypervisor, i);
                TPlatform.Bytes(contents, range.Length).CopyTo(range);
                contents += (ulong)range.Length;
            }
        }

        private static Span<byte> RangeOf(in HypervisorState hypervisor, int index)
        {
            MemoryRange range = At(hypervisor.NvsRanges, index);
            return TPlatform.Bytes(new HostPhysicalAddress(range.Start), (int)range.Length);
        }
    }

    /// <summary>
    /// Shows a domain that it woke from S3. WAK_STS is set by hardware alone (ACPI 6.5, 4.8.3.1.1 PM1 Status Registers), and this hardware
    /// never slept: so reads of PM1_STS are intercepted until the guest has cleared what it was shown, and not a moment longer.
    /// </summary>
    public static class WakeStatus
    {
        /// <summary>Bits to add to a read at <paramref name="port"/>, low byte at that port.</summary>
        /// <param name="status">The bits of PM1_STS that the guest has not cleared yet.</param>
        /// <param name="size">Bytes read: 1, 2 or 4.</param>
        public static uint Shown(in PowerManagement power, ushort status, ushort port, int size)
            => power.Pm1aEvent == 0 ? 0 : (uint)Moved(status, power.Pm1aEvent - port) & Bytes(size);

        /// <summary>The bits that a write clears.</summary>
        public static ushort Cleared(in PowerManagement power, ushort port, int size, uint value)
            => power.Pm1aEvent == 0 ? (ushort)0 : (ushort)Moved(value & Bytes(size), port - power.Pm1aEvent);

        /// <summary>A value as it looks from <paramref name="bytes"/> bytes below its place.</summary>
        private static ulong Moved(ulong value, int bytes)
            => bytes is < -3 or > 3 ? 0 : bytes < 0 ? value >> (-8 * bytes) : value << (8 * bytes);

        private static uint Bytes(int size) => uint.MaxValue >> (32 - (8 * size));

        /// <summary>Shows more to the active domain.</summary>
        public static void Add(in HypervisorState hypervisor, ushort status)
        {
            Active(hypervisor).WakeStatus |= status;
            Intercept(hypervisor, true);
        }

        /// <summary>Takes note of a write, and stops intercepting when nothing is left to show.</summary>
        public static void Acknowledge(in HypervisorState hypervisor, ushort port, int size, uint value)
        {
            ref Domain domain = ref Active(hypervisor);
            if (domain.WakeStatus == 0)
                return;
            domain.WakeStatus &= (ushort)~Cleared(hypervisor.Power, port, size, value);
            if (domain.WakeStatus == 0)
                Intercept(hypervisor, false);
        }

        /// <summary>Switches the interception of PM1_STS on and off.</summary>
        public static void Intercept(in HypervisorState hypervisor, bool isOn)
        {
            if (hypervisor.Power.Pm1aEvent != 0)
                IoBitmap.Set(TPlatform.Bytes(hypervisor.IoBitmap, IoBitmap.Bytes), hypervisor.Power.Pm1aEvent, 2, isOn);
        }
    }

    /// <summary>
    /// The log of a switch: its ticks run from the intercepted write to the new domain's first instruction, so the lines are written at
    /// the first exit after that, when they no longer count.
    /// </summary>
    public static class SwitchLog
    {
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
            DomainLog.Append(ref line, "from"u8, pending.From);
            DomainLog.Append(ref line, "to"u8, pending.To);
            line.Number("first"u8, pending.IsFirst ? 1u : 0u);
            line.Word("reason"u8, SwitchReasonText.Of(pending.Reason));
            line.Number("ticks"u8, pending.End - pending.Start);
            Log(ref line);

            DomainLog.WriteExits(hypervisor, pending.From);
            line = new LogLine("INFO cpus"u8);
            DomainLog.Append(ref line, "guest"u8, pending.From);
            line.Number("entered"u8, pending.EnteredCpus);
            Log(ref line);
        }
    }
}

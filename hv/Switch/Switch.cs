using Switcher.Boot.Config;
using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Switch;

/// <summary>The switch, from the intercepted request to the next guest's first instruction.</summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
/// <typeparam name="TVirtualization">The vendor's extension.</typeparam>
public abstract partial class Switching<TPlatform, TVirtualization> : Domains<TPlatform>
    where TPlatform : struct, IPlatform
    where TVirtualization : struct, IVirtualization
{
    /// <summary>The whole of a switch, read from top to bottom.</summary>
    public static class Switch
    {
        /// <summary>What a waking system finds in PM1_STS; the power button's bit makes Windows light the screen.</summary>
        private const ushort WokenByPowerButton = Pm1Event.Wake | Pm1Event.PowerButton;

        /// <summary>
        /// The active domain gives the machine up: it asked for S3, or it is over, since it shut down, reset the machine or crashed.
        /// Another one that has a session goes on, or nobody has, and the machine sleeps or resets. Whoever takes the lock here releases it
        /// here.
        /// </summary>
        public static void Run(ref HypervisorState hypervisor, ref VirtualCpu cpu, SwitchReason reason)
        {
            // If another CPU switches already, this one is about to be stopped: back to the run loop, which will see the request.
            if (!Rendezvous.TryLock(ref hypervisor))
                return;

            // Nobody has a session yet: the machine does what it would have done without us.
            if (hypervisor.IsBootPhase)
                MachineReset.Run(ref hypervisor);
            int from = hypervisor.ActiveDomain;
            if (reason == SwitchReason.Suspend)
                DomainLog.Write("STEP s3"u8, hypervisor, from);
            Rendezvous.StopOthers(ref hypervisor, cpu);

            if (Domain.IsFirmware(from))
                reason = AbandonLoading(ref hypervisor);
            else if (reason == SwitchReason.Suspend && !TrySuspend(ref At(hypervisor, from)))
                reason = SwitchReason.Shutdown;
            if (reason != SwitchReason.Suspend)
                LogEnd(hypervisor, from, reason);

            int next = Selection.Take(ref hypervisor, reason);
            if (next != Domain.Nobody && !Selection.HasSession(hypervisor, next))
            {
                hypervisor.LoadingDomain = next;
                At(hypervisor, Domain.Firmware).Saved.Registers.Rax = FirmwareRequests.Load(Domain.GuestOf(next));
                next = Domain.Firmware;
            }
            ushort wakeStatus = WokenByPowerButton;
            if (next == Domain.Nobody)
            {
                if (reason != SwitchReason.Suspend)
                {
                    DomainLog.WriteExits(hypervisor, from);
                    MachineReset.Run(ref hypervisor);
                }
                Ownership.Change(ref hypervisor, cpu, Domain.Nobody, reason, 0);
                wakeStatus = MachineSleep.Run(hypervisor, from);
                next = from;
                reason = SwitchReason.Wake;
            }
            Silence(hypervisor, At(hypervisor, next).Devices);
            Ownership.Change(ref hypervisor, cpu, next, reason, wakeStatus);
            Rendezvous.Unlock(ref hypervisor);
            Entry.Run(ref hypervisor, ref cpu);
        }

        /// <summary>
        /// The firmware gives the machine up, since it has loaded what it was to load. Its other CPUs leave its idle loop and wait for the
        /// guest to start them.
        /// </summary>
        /// <param name="next">A guest that has a session, or is yet to begin one.</param>
        public static void FromFirmware(ref HypervisorState hypervisor, ref VirtualCpu cpu, int next)
        {
            // If another CPU of the firmware has crashed meanwhile, this one is about to be stopped.
            if (!Rendezvous.TryLock(ref hypervisor))
                return;
            Rendezvous.StopOthers(ref hypervisor, cpu);
            if (hypervisor.IsBootPhase)
            {
                for (int i = 0; i < hypervisor.PciFunctions.Count; i++)
                    PciInventory.Refresh(ref At(hypervisor.PciFunctions, i));
                IoBitmap.Initialize(TPlatform.Bytes(hypervisor.IoBitmap, IoBitmap.Bytes), hypervisor.Power);
                hypervisor.HasBegun = true;
            }
            Silence(hypervisor, At(hypervisor, next).Devices);
            Ownership.Change(ref hypervisor, cpu, next, SwitchReason.Boot, WokenByPowerButton);
            DomainLog.WriteExits(hypervisor, Domain.Firmware);
            DomainLog.Write("STEP boot"u8, hypervisor, next);
            Rendezvous.Unlock(ref hypervisor);
            Entry.Run(ref hypervisor, ref cpu);
        }

        /// <summary>
        /// A loader that was to load a guest again has reset the machine, or switched it off, or crashed it: the firmware is in the middle
        /// of something, and it is not known of what.
        /// </summary>
        private static SwitchReason AbandonLoading(ref HypervisorState hypervisor)
        {
            Ownership.GiveUp(ref At(hypervisor, hypervisor.LoadingDomain));
            hypervisor.HasLostServices = true;
            DomainLog.Write("ERROR a loader did not come to its end; no guest can be loaded until the machine restarts"u8, hypervisor,
                hypervisor.LoadingDomain);
            return SwitchReason.Crash;
        }

        /// <summary>Reads where the domain wants to wake; false if nowhere.</summary>
        private static bool TrySuspend(ref Domain domain)
        {
            WakingVector vector = WakingVector.Read<TPlatform>(domain.Facs);
            if (!vector.IsSet)
            {
                // A firmware would find nothing to wake and start the system anew: for Switcher that is the end of the session.
                Log("WARN the guest sleeps without a waking vector: its session is over"u8);
                return false;
            }
            domain.Saved.State = vector.EntryState();
            domain.Saved.Registers = default;
            domain.Saved.Fpu.Reset();
            return true;
        }

        /// <summary>Nothing that the old domain started may reach the new one: no interrupt, no timer, no wake event, no DMA.</summary>
        private static void Silence(in HypervisorState hypervisor, DeviceState expected)
        {
            PciHandover.Silence(hypervisor.PciFunctions);
            ChipsetQuiesce.Run(hypervisor.Chipset);
            FixedHardware.Quiesce(hypervisor.Power);
            LocalApic.Reset(hypervisor.LocalApic);
            if (expected == DeviceState.AsFirmwareLeft)
                PciHandover.RestoreFirmwareState(hypervisor.PciFunctions, hypervisor.TimestampFrequency / 1000);
        }

        private static void LogEnd(in HypervisorState hypervisor, int domain, SwitchReason reason)
        {
            var line = new LogLine("INFO ended"u8);
            DomainLog.AppendNamed(ref line, hypervisor, domain);
            line.Word("reason"u8, SwitchReasonText.Of(reason));
            Log(ref line);
        }
    }

    /// <summary>Which guest is next.</summary>
    public static class Selection
    {
        /// <summary>Who has the machine after the active domain, or nobody. What was asked for of the next switch ends with it.</summary>
        /// <returns>A guest that has a session or, to begin one, is loaded first; or <see cref="Domain.Nobody"/>.</returns>
        public static int Take(ref HypervisorState hypervisor, SwitchReason reason)
        {
            if (IsRestart(hypervisor, reason) && !RestartLimit.IsReached(hypervisor))
                return hypervisor.ActiveDomain;
            int next = reason == SwitchReason.Suspend && IsSleepOfMachine(hypervisor) ? Domain.Nobody : Next(hypervisor);
            hypervisor.NextDomain = Domain.Firmware;
            return next;
        }

        /// <summary>Whether a guest has a session, or only needs the machine to begin one.</summary>
        public static bool HasSession(in HypervisorState hypervisor, int guest)
            => At(hypervisor, guest).Phase is DomainPhase.Parked or DomainPhase.Suspended;

        /// <summary>Whether no other guest than the active one has anything that the machine's reset could cost it.</summary>
        public static bool AreOthersOff(in HypervisorState hypervisor)
        {
            for (int i = Domain.OfGuest(0); i < hypervisor.Domains.Count; i++)
            {
                if (i != hypervisor.ActiveDomain && At(hypervisor, i).Phase != DomainPhase.Off)
                    return false;
            }
            return true;
        }

        /// <summary>Whether a guest that ended so is to be loaded again, by a firmware that can.</summary>
        public static bool IsRestart(in HypervisorState hypervisor, SwitchReason reason)
            => reason is SwitchReason.Reset or SwitchReason.TripleFault
                && !hypervisor.IsBootPhase && !hypervisor.IsLoading && !hypervisor.HasLostServices;

        /// <summary>True if there is a guest to go on with, should the active one end.</summary>
        public static bool HasNext(in HypervisorState hypervisor) => Next(hypervisor) != Domain.Nobody;

        /// <summary>
        /// The guest that was asked for, or the next one after who had the machine last, in the order of the configuration, that can go on.
        /// </summary>
        private static int Next(in HypervisorState hypervisor)
        {
            if (IsAskedFor(hypervisor))
                return hypervisor.NextDomain;
            int count = hypervisor.Domains.Count;
            int last = hypervisor.IsLoading ? hypervisor.LastGuest : hypervisor.ActiveDomain;

            // The last one again too, if it sleeps while the firmware has the machine.
            for (int i = 1; i <= count; i++)
            {
                int candidate = (last + i) % count;
                if (!Domain.IsFirmware(candidate) && HasSession(hypervisor, candidate))
                    return candidate;
            }
            return Domain.Nobody;
        }

        /// <summary>A guest is named that can have the machine: one that is off is loaded by a firmware that can.</summary>
        private static bool IsAskedFor(in HypervisorState hypervisor)
            => !Domain.IsFirmware(hypervisor.NextDomain) && (HasSession(hypervisor, hypervisor.NextDomain)
                || (At(hypervisor, hypervisor.NextDomain).Phase == DomainPhase.Off && !hypervisor.HasLostServices));

        private static bool IsSleepOfMachine(in HypervisorState hypervisor)
            => !IsAskedFor(hypervisor) && (hypervisor.Sleep == SleepPolicy.Machine || Active(hypervisor).Sleep == SleepPolicy.Machine);
    }
}

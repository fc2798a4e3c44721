using System.Threading;
using Switcher.Boot.Text;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>Brings all CPUs but one into the hypervisor and lets them go again under the domain that is active then.</summary>
    public static class Rendezvous
    {
        private const ulong AskedInASecond = 100;

        /// <summary>The calling CPU becomes the one that switches; false if another CPU is.</summary>
        public static bool TryLock(ref HypervisorState hypervisor) => Interlocked.CompareExchange(ref hypervisor.SwitchLock, 1, 0) == 0;

        /// <summary>Returns when no other CPU executes the guest any more.</summary>
        public static void StopOthers(ref HypervisorState hypervisor, in VirtualCpu self)
        {
            AskOthers(hypervisor, self);
            ulong start = TPlatform.ReadTimestamp();
            ulong asked = start;
            bool hasWarned = false;
            while (Volatile.Read(ref hypervisor.StoppedCpus) != hypervisor.Cpus.Count - 1)
            {
                TPlatform.Pause();
                ulong now = TPlatform.ReadTimestamp();
                if (now - asked > hypervisor.TimestampFrequency / AskedInASecond)
                {
                    asked = now;
                    AskOthers(hypervisor, self);
                }
                if (!hasWarned && now - start > 5 * hypervisor.TimestampFrequency)
                {
                    hasWarned = true;
                    LogMissing(ref hypervisor, self);
                }
            }
        }

        /// <summary>Ends what <see cref="TryLock"/> began, and lets the others go into the domain that is active now.</summary>
        public static void Unlock(ref HypervisorState hypervisor)
        {
            // All CPUs are here, and so nobody asks for anything now: what is left are INITs and start-ups of the domain that went.
            for (int i = 0; i < hypervisor.Cpus.Count; i++)
                CpuRequests.Take(ref Cpu(hypervisor, i));
            Volatile.Write(ref hypervisor.StoppedCpus, 0);
            Interlocked.Increment(ref hypervisor.Release);
            Volatile.Write(ref hypervisor.SwitchLock, 0);
        }

        /// <summary>What a CPU does that was asked to stop.</summary>
        public static void StopHere(ref HypervisorState hypervisor, ref VirtualCpu cpu)
        {
            LocalApic.Reset(hypervisor.LocalApic);
            cpu.Activity = CpuActivity.Stopped;
            int release = Volatile.Read(ref hypervisor.Release);
            Interlocked.Increment(ref hypervisor.StoppedCpus);
            while (Volatile.Read(ref hypervisor.Release) == release)
                TPlatform.Pause();

            // What was on its way from an I/O APIC that is silent by now: the domain that starts this CPU must not get it.
            LocalApic.Reset(hypervisor.LocalApic);
            Entry.Run(ref hypervisor, ref cpu);
        }

        /// <summary>
        /// Asks those that are not here. More than once: a start-up interrupt is lost on a CPU that is just about to wait for one.
        /// </summary>
        private static void AskOthers(in HypervisorState hypervisor, in VirtualCpu self)
        {
            for (int i = 0; i < hypervisor.Cpus.Count; i++)
            {
                if (i != self.Index && Cpu(hypervisor, i).Activity != CpuActivity.Stopped)
                    CpuRequests.Post(hypervisor, ref Cpu(hypervisor, i), CpuRequest.Stop);
            }
        }

        private static void LogMissing(ref HypervisorState hypervisor, in VirtualCpu self)
        {
            for (int i = 0; i < hypervisor.Cpus.Count; i++)
            {
                if (i == self.Index || Cpu(hypervisor, i).Activity == CpuActivity.Stopped)
                    continue;
                var line = new LogLine("WARN a CPU does not come into the hypervisor; still waiting"u8);
                line.Number("cpu"u8, (uint)i);
                Log(ref line);
            }
        }
    }

    /// <summary>Asks other CPUs for something; nobody waits for anybody here, so CPUs may ask each other at the same time.</summary>
    public static class CpuRequests
    {
        /// <summary>
        /// Start-up interrupts of the hypervisor's have this vector, which no system can use: vectors A0h to BFh are reserved
        /// (MultiProcessor Specification 1.4, B.4.2 "USING STARTUP IPI").
        /// </summary>
        public const byte KickVector = 0xA0;

        /// <summary>Adds to the requests of a CPU.</summary>
        public static void Add(ref VirtualCpu cpu, int request)
        {
            // A start-up interrupt that came before an INIT has had its chance.
            int dropped = request == CpuRequest.Init ? CpuRequest.Startup : 0;
            int before = Volatile.Read(ref cpu.Requests);
            while (true)
            {
                int found = Interlocked.CompareExchange(ref cpu.Requests, (before & ~dropped) | request, before);
                if (found == before)
                    break;
                before = found;
            }
        }

        /// <summary>
        /// A start-up interrupt that causes an exit of the CPU that it is for becomes a request, which the run loop serves at once.
        /// </summary>
        public static void AddStartup(ref VirtualCpu cpu, byte vector)
        {
            // The hypervisor's own: the CPU is here now, and sees its requests.
            if (vector == KickVector)
                return;
            Volatile.Write(ref cpu.StartupVector, vector);
            Add(ref cpu, CpuRequest.Startup);
        }

        /// <summary>Takes all requests of a CPU, for that CPU to serve.</summary>
        public static int Take(ref VirtualCpu cpu)
        {
            int requests = Volatile.Read(ref cpu.Requests) == 0 ? 0 : Interlocked.Exchange(ref cpu.Requests, 0);
            if (cpu.DeferredRequests == 0)
                return requests;
            int dropped = (requests & CpuRequest.Init) != 0 ? CpuRequest.Startup : 0;
            requests |= cpu.DeferredRequests & ~dropped;
            cpu.DeferredRequests = 0;
            return requests;
        }

        /// <summary>Leaves a request with a CPU and gets that CPU out of its guest.</summary>
        public static void Post(in HypervisorState hypervisor, ref VirtualCpu target, int request)
        {
            CpuRequests.Add(ref target, request);

            // One interrupt is enough until it has arrived.
            if (Interlocked.Exchange(ref target.KickPending, 1) == 0)
                LocalApic.SendNmi(hypervisor.LocalApic, target.ApicId);

            // A CPU that waits natively for its start-up is deaf to everything else; all others ignore this.
            if ((TVirtualization.Gaps & VendorGaps.StartupIntercept) == 0)
                LocalApic.SendStartup(hypervisor.LocalApic, target.ApicId, CpuRequests.KickVector);
        }
    }
}

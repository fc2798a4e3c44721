using System.Threading;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>Asks other CPUs for something; nobody waits for anybody here, so CPUs may ask each other at the same time.</summary>
    public static class CpuRequests
    {
        /// <summary>
        /// Start-up interrupts of the hypervisor's have this vector, which no system can use: vectors A0h to BFh are reserved (MultiProcessor Specification 1.4,
        /// B.4.2 "USING STARTUP IPI").
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

        /// <summary>Takes all requests of a CPU, for that CPU to serve.</summary>
        public static int Take(ref VirtualCpu cpu)
            => Volatile.Read(ref cpu.Requests) == 0 ? 0 : Interlocked.Exchange(ref cpu.Requests, 0);

        /// <summary>Leaves a request with a CPU and gets that CPU out of its guest.</summary>
        public static void Post(in HypervisorState hypervisor, ref VirtualCpu target, int request)
        {
            CpuRequests.Add(ref target, request);

            // One interrupt is enough until it has arrived.
            if (Interlocked.Exchange(ref target.KickPending, 1) == 0)
                LocalApic.SendNmi(hypervisor.LocalApic, target.ApicId);

            // A CPU that waits natively for its start-up is deaf to everything else; all others ignore this.
            if (!TVirtualization.TrapsLocalApic)
                LocalApic.SendStartup(hypervisor.LocalApic, target.ApicId, CpuRequests.KickVector);
        }
    }
}

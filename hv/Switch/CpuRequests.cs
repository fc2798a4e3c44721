using System.Threading;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;

namespace Switcher.Hv.Switch;

/// <summary>Asks other CPUs for something; nobody waits for anybody here, so CPUs may ask each other at the same time.</summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
public static class CpuRequests<TPlatform>
    where TPlatform : struct, IPlatform
{
    /// <summary>Leaves a request with a CPU and gets that CPU out of its guest.</summary>
    public static void Post(in HypervisorState hypervisor, ref VirtualCpu target, int request)
    {
        // A start-up interrupt that came before an INIT has had its chance.
        int dropped = request == CpuRequest.Init ? CpuRequest.Startup : 0;
        int before = Volatile.Read(ref target.Requests);
        while (true)
        {
            int found = Interlocked.CompareExchange(ref target.Requests, (before & ~dropped) | request, before);
            if (found == before)
                break;
            before = found;
        }

        // One interrupt is enough until it has arrived.
        if (Interlocked.Exchange(ref target.KickPending, 1) == 0)
            LocalApic<TPlatform>.SendNmi(hypervisor.LocalApic, target.ApicId);
    }

    /// <summary>Takes all requests of a CPU, for that CPU to serve.</summary>
    public static int Take(ref VirtualCpu cpu)
        => Volatile.Read(ref cpu.Requests) == 0 ? 0 : Interlocked.Exchange(ref cpu.Requests, 0);
}

using System.Threading;
using Switcher.Hv.State;
using Switcher.Hv.Switch;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>
    /// INIT and start-up interrupts where they cause exits of the CPU that they are for: they become requests, which the run loop serves at once.
    /// </summary>
    public static class StartupExit
    {
        public static void HandleInit(ref VirtualCpu cpu) => CpuRequests.Add(ref cpu, CpuRequest.Init);

        public static void HandleStartup(ref VirtualCpu cpu, byte vector)
        {
            // The hypervisor's own: the CPU is here now, and sees its requests.
            if (vector == CpuRequests.KickVector)
                return;
            Volatile.Write(ref cpu.StartupVector, vector);
            CpuRequests.Add(ref cpu, CpuRequest.Startup);
        }
    }
}

using System.Threading;
using Switcher.Hv.State;
using Switcher.Hv.Switch;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>
    /// Where no timer brings an exit, the only way out of a loop in the firmware is another CPU: that stays in the hypervisor for as long
    /// as the service takes, and calls the one that executes it when the time is over. So a service costs its guest two CPUs and not one. A
    /// machine that has one CPU has nobody to watch it.
    /// </summary>
    public static class ServiceWatch
    {
        /// <summary>Has another CPU watch this one, which begins a service.</summary>
        public static void Begin(in HypervisorState hypervisor, in VirtualCpu cpu)
        {
            if (hypervisor.Cpus.Count > 1)
                CpuRequests.Post(hypervisor, ref Cpu(hypervisor, WatcherOf(hypervisor, cpu)), CpuRequest.Watch);
        }

        /// <summary>Returns when the service is over, or to carry out something else, after which it is called again.</summary>
        public static void Run(ref HypervisorState hypervisor, ref VirtualCpu cpu)
        {
            cpu.IsWatching = true;
            while (Volatile.Read(ref hypervisor.ServiceLock) != 0 && Volatile.Read(ref cpu.Requests) == 0)
            {
                if (FirmwareCall.IsTimeOver(hypervisor, TPlatform.ReadTimestamp()))
                    CpuRequests.Post(hypervisor, ref Cpu(hypervisor, hypervisor.ServiceCpu), CpuRequest.CheckTime);
                TPlatform.Pause();
            }
            cpu.IsWatching = false;
            if (Volatile.Read(ref hypervisor.ServiceLock) != 0)
                CpuRequests.Add(ref cpu, CpuRequest.Watch);
        }

        /// <summary>The last CPU: systems give the first ones the most to do.</summary>
        private static int WatcherOf(in HypervisorState hypervisor, in VirtualCpu cpu)
        {
            int last = hypervisor.Cpus.Count - 1;
            return cpu.Index == last ? last - 1 : last;
        }
    }
}

using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>A non-maskable interrupt: the hypervisor's own calls this CPU into the hypervisor, any other is the guest's.</summary>
    public static class NmiExit
    {
        /// <summary>What the sender wants is in the CPU's requests, which the run loop looks at before it enters the guest again.</summary>
        public static void Handle(ref VirtualCpu cpu) => TVirtualization.ConsumeNmi(ref cpu);

        /// <summary>
        /// Passes on an interrupt that was not the hypervisor's, whether it came in the guest or in the hypervisor. A CPU that waits for its start-up
        /// is deaf to it, and where it waits there is no interrupt table.
        /// </summary>
        public static void Deliver(ref VirtualCpu cpu)
        {
            if (cpu.GuestNmi == 0)
                return;
            cpu.GuestNmi = 0;
            if (cpu.Activity == CpuActivity.Running)
                TVirtualization.InjectNmi(ref cpu);
        }
    }
}

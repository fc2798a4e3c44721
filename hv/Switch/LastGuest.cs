using System;
using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>The last guest switches the machine off or resets it: the hardware does that, the log says that it was asked for.</summary>
    public static class LastGuest
    {
        public static void LogEnd(in HypervisorState hypervisor, ReadOnlySpan<byte> step)
        {
            GuestLog.WriteExits(hypervisor, hypervisor.ActiveGuest);
            var line = new LogLine(step);
            line.WriteTo<TPlatform>();
        }
    }
}

using System;
using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;

namespace Switcher.Hv.Switch;

/// <summary>The last guest switches the machine off or resets it: the hardware does that, the log says that it was asked for.</summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
public static class LastGuest<TPlatform>
    where TPlatform : struct, IPlatform
{
    public static void LogEnd(in HypervisorState hypervisor, ReadOnlySpan<byte> step)
    {
        GuestLog.WriteExits<TPlatform>(hypervisor, hypervisor.ActiveGuest);
        var line = new LogLine(step);
        line.WriteTo<TPlatform>();
    }
}

using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;

namespace Switcher.Hv.State;

/// <summary>Who has the machine, and what is known of each of them.</summary>
public abstract partial class Domains<TPlatform> : Machine<TPlatform>
    where TPlatform : struct, IPlatform
{
}

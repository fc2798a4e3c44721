using Switcher.Hv.Cpu;
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
}

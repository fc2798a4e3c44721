using Switcher.Hv.Cpu;
using Switcher.Hv.Switch;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

/// <summary>What is done about each kind of exit.</summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
/// <typeparam name="TVirtualization">The vendor's extension.</typeparam>
public abstract partial class ExitHandling<TPlatform, TVirtualization> : Switching<TPlatform, TVirtualization>
    where TPlatform : struct, IPlatform
    where TVirtualization : struct, IVirtualization
{
}

using System.Runtime.InteropServices;

namespace Switcher.Hv.Switch;

/// <summary>
/// What replaces the firmware's structures when a parked guest runs for the first time: the firmware's memory is another
/// guest's by then. All of it lies in the parked guest's partition. Its physical address is the argument of the park hypercall.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct ParkContext
{
    /// <summary>Identity map of the whole physical address space, of as many levels as CR4 says.</summary>
    public ulong Cr3;

    /// <summary>The firmware's GDT with the same selectors and contents.</summary>
    public ulong GdtBase;
    public ulong GdtLimit;

    /// <summary>32 gates that halt.</summary>
    public ulong IdtBase;
    public ulong IdtLimit;
}

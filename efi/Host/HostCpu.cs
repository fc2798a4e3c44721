using System.Runtime.InteropServices;
using Switcher.Boot.Memory;

namespace Switcher.Efi.Host;

/// <summary>What the host needs on one CPU beside its <see cref="Hv.VirtualCpu"/>, in hypervisor memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HostCpu
{
    /// <summary>Pages of the ordinary stack, and of each of the two for non-maskable interrupts and for faults.</summary>
    public const int StackPages = 4;
    public const int InterruptStackPages = 1;

    /// <summary>Pages that a CPU takes: stacks, tables, and three of the vendor's.</summary>
    public const int Pages = StackPages + (2 * InterruptStackPages) + HostTables.Pages + 3;

    public ulong StackTop;
    public HostPhysicalAddress Tables;

    /// <summary>The CPU's state when it was captured, to go on with as a guest.</summary>
    public Hv.Cpu.CpuState Captured;
}

using System.Runtime;
using System.Runtime.CompilerServices;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Stubs.Shared;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Switcher.Efi.Cpu;

/// <summary>
/// The machine code of <c>stubs/HostStubs.cs</c>: into the hypervisor and out of it, and what the host does about interrupts and faults.
/// </summary>
internal static unsafe class HostStubs
{
    /// <summary>
    /// Makes the CPU a guest. Comes back as one, or natively if nothing came of it, with what the hypervisor has put into RAX.
    /// </summary>
    /// <param name="captured">The CPU's state, without RIP and RSP.</param>
    /// <param name="stackTop">End of the host's stack.</param>
    /// <param name="entry">Where the hypervisor begins, with the first two arguments.</param>
    [RuntimeImport, MethodImpl(InternalCall)]
    internal static extern ulong LaunchCpu(VirtualCpu* cpu, CpuState* captured, ulong stackTop, ulong entry);

    /// <summary>Goes on where the frame says, with the guest's other registers. Does not return.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void LeaveHost(VirtualCpu* cpu, LeaveFrame* frame);

    /// <summary>A hypercall of the boot side: its number and two arguments.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong HypercallSvm(ulong number, ulong first, ulong second);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong HypercallVmx(ulong number, ulong first, ulong second);

    /// <summary>Loads the tables of <see cref="HostGates"/> and every segment from them.</summary>
    [RuntimeImport, MethodImpl(InternalCall)]
    internal static extern void LoadHostTables(TableRegister* gdtr, TableRegister* idtr, ulong cr3, ulong cr4);

    /// <summary>
    /// The instructions that a CPU may refuse: 0 if it did. Only under the host's tables, whose handler of the fault knows them.
    /// </summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern int TryReadMsr(uint register, ulong unused, ulong* value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern int TryWriteMsr(uint register, uint high, uint low);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern int TryXsetbv(uint register, uint high, uint low);

    /// <summary>
    /// The handlers, in the copy of the image that executes this; an exception's lies at a multiple of
    /// <see cref="HostGates.ExceptionStride"/>.
    /// </summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong AddressOfHostNmi();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong AddressOfHostExceptions();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong AddressOfHostInterrupt();

    /// <summary>Start of the copy of the image that executes this.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong AddressOfImageBase();
}

using System.Runtime;
using System.Runtime.CompilerServices;
using Switcher.Hv.Cpu;
using Switcher.Hv.Vmx;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Switcher.Efi.Cpu;

/// <summary>The machine code of Intel VMX, <c>stubs/VmxStubs.cs</c>. Addresses are physical.</summary>
internal static unsafe class VmxStubs
{
    /// <summary>
    /// Runs the guest until it exits. Its FPU state follows the registers, as in <see cref="Switcher.Hv.State.VirtualCpu"/>.
    /// </summary>
    /// <param name="isLaunched">1 if the VMCS is launched, else 0.</param>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern VmEntryOutcome RunVmx(GuestRegisters* registers, uint isLaunched);

    /// <summary>Where the CPU has to go on at an exit.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong AddressOfVmxExited();

    /// <summary>0 if the CPU refused.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern uint Vmxon(ulong region);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern uint Vmclear(ulong vmcs);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern uint Vmptrld(ulong vmcs);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Vmxoff();

    /// <summary>A field that does not exist ends in #UD.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong Vmread(uint encoding);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Vmwrite(uint encoding, ulong value);

    /// <summary>All contexts.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void InveptAll();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void InvvpidAll();

    /// <summary>Ends the blocking of non-maskable interrupts.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void UnblockNmi();

    /// <summary>Lets everything that is pending come.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void DrainInterruptsVmx();

    /// <summary>Halts until an interrupt has come.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WaitForInterruptVmx();
}

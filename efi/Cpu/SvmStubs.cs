using System.Runtime;
using System.Runtime.CompilerServices;
using Switcher.Hv.Cpu;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Switcher.Efi.Cpu;

/// <summary>The machine code of AMD SVM, <c>stubs/SvmStubs.cs</c>. Addresses are physical.</summary>
internal static unsafe class SvmStubs
{
    /// <summary>
    /// Runs the guest until it exits. Its FPU state follows the registers, as in <see cref="Switcher.Hv.State.VirtualCpu"/>.
    /// </summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void RunSvm(GuestRegisters* registers, ulong vmcb, ulong hostState);

    /// <summary>VMSAVE and VMLOAD.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void SaveHostState(ulong hostState);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void LoadGuestState(ulong vmcb);

    /// <summary>Lets a pending system-management or non-maskable interrupt come.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void OpenGlobalInterruptFlag();

    /// <summary>Lets everything that is pending come.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void DrainInterruptsSvm();

    /// <summary>Halts until an interrupt has come.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WaitForInterruptSvm();
}

using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;

namespace Switcher.Hv.Svm;

/// <summary>The instructions of SVM: APM vol. 2, 15.5 to 15.13.</summary>
public interface ISvmInstructions
{
    /// <summary>
    /// Runs the guest: loads the general-purpose and floating-point registers, VMLOAD, VMRUN, VMSAVE, and stores them again. RAX, RSP and
    /// the rest of the state are in the VMCB. Comes back at the next exit, with GIF clear.
    /// </summary>
    /// <param name="registers">The guest's registers; RAX and RSP are neither read nor written.</param>
    /// <param name="vmcb">The guest's VMCB.</param>
    /// <param name="hostState">A page that VMSAVE filled with the host's own FS, GS, TR and so on.</param>
    static abstract void RunSvm(ref GuestRegisters registers, HostPhysicalAddress vmcb, HostPhysicalAddress hostState);

    /// <summary>Stores the host's FS, GS, TR, LDTR and system-call registers (VMSAVE) for <see cref="RunSvm"/> to load again.</summary>
    static abstract void SaveHostState(HostPhysicalAddress hostState);

    /// <summary>
    /// Loads the guest's FS, GS, TR, LDTR and system-call registers (VMLOAD), for a CPU that goes on without the hypervisor.
    /// </summary>
    static abstract void LoadGuestState(HostPhysicalAddress vmcb);

    /// <summary>Writes CR2, which the guest finds there where VMRUN does not load it.</summary>
    static abstract void WriteCr2(ulong value);

    /// <summary>
    /// Opens the global interrupt flag for a moment (STGI, CLGI): a pending system-management interrupt is taken, and a non-maskable one
    /// reaches the host's handler.
    /// </summary>
    static abstract void OpenGlobalInterruptFlag();

    /// <summary>Sets the global interrupt flag (STGI), as it is without a hypervisor.</summary>
    static abstract void SetGlobalInterruptFlag();
}

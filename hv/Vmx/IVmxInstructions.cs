using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;

namespace Switcher.Hv.Vmx;

/// <summary>How an attempt to enter the guest ended.</summary>
public enum VmEntryOutcome : uint
{
    /// <summary>The guest ran, or the CPU refused its state: the exit reason says which.</summary>
    Exited = 0,

    /// <summary>VMLAUNCH or VMRESUME failed; the VMCS has an error number (VMfailValid).</summary>
    Failed = 1,

    /// <summary>It failed and there is no current VMCS (VMfailInvalid).</summary>
    FailedInvalid = 2,

    /// <summary>A request of another CPU, or a non-maskable interrupt, came first: the guest did not run.</summary>
    NotEntered = 3,
}

/// <summary>
/// The instructions of VMX, SDM vol. 3, chapter 31 "VMX Instruction Reference", and the registers that VMX does not switch.
/// </summary>
public interface IVmxInstructions
{
    /// <summary>VMXON.</summary>
    /// <param name="region">A page that starts with the revision.</param>
    /// <returns>False if the CPU refuses.</returns>
    static abstract bool EnterVmxOperation(HostPhysicalAddress region);

    /// <summary>VMXOFF.</summary>
    static abstract void LeaveVmxOperation();

    /// <summary>VMCLEAR, then VMPTRLD.</summary>
    /// <returns>False if the CPU refuses.</returns>
    static abstract bool LoadVmcs(HostPhysicalAddress vmcs);

    /// <summary>VMCLEAR: what the CPU holds of the VMCS goes to memory.</summary>
    static abstract void ClearVmcs(HostPhysicalAddress vmcs);

    /// <summary>VMREAD of a field that the CPU has; any other is a fault of the hypervisor.</summary>
    static abstract ulong ReadVmcs(uint encoding);

    /// <summary>VMWRITE of a field that the CPU has; any other is a fault of the hypervisor.</summary>
    static abstract void WriteVmcs(uint encoding, ulong value);

    /// <summary>INVEPT of all contexts.</summary>
    static abstract void InvalidateEpt();

    /// <summary>INVVPID of all contexts.</summary>
    static abstract void InvalidateVpid();

    /// <summary>
    /// Runs the guest: loads the general-purpose and floating-point registers, VMLAUNCH or VMRESUME, and stores them again at the exit. RSP
    /// and the rest of the state are in the VMCS. Looks at the CPU's requests right before the entry.
    /// </summary>
    /// <param name="registers">The guest's registers; RSP is neither read nor written.</param>
    /// <param name="isLaunched">Whether the VMCS was entered since it was cleared.</param>
    static abstract VmEntryOutcome RunVmx(ref GuestRegisters registers, bool isLaunched);

    /// <summary>Where the CPU has to continue at an exit: the second half of <see cref="RunVmx"/>.</summary>
    static abstract ulong ExitAddress { get; }

    /// <summary>Ends the blocking of non-maskable interrupts that an exit caused by one leaves: IRET to the next instruction.</summary>
    static abstract void UnblockNmi();

    /// <summary>The state of the CPU that executes this, as far as <see cref="CpuState"/> has it.</summary>
    static abstract void ReadOwnState(out CpuState state);

    static abstract ulong ReadCr0();

    static abstract void WriteCr0(ulong value);

    static abstract ulong ReadCr2();

    static abstract void WriteCr2(ulong value);

    static abstract ulong ReadCr4();

    static abstract void WriteCr4(ulong value);

    static abstract ulong ReadDr6();

    static abstract void WriteDr6(ulong value);

    /// <summary>XSETBV; false where the CPU answers #GP.</summary>
    static abstract bool TrySetExtendedControl(uint register, ulong value);

    /// <summary>Writes all modified cache lines back and empties the caches (WBINVD).</summary>
    static abstract void WriteBackCaches();
}

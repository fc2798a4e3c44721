using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

/// <summary>What the VMX back end keeps for one CPU, in the third of the pages that a CPU has for its vendor.</summary>
public struct VmxCpu
{
    /// <summary>The controls as they were reconciled at launch.</summary>
    public VmxControlSet Controls;

    /// <summary>What VMX demands of CR0 in a guest: PE and PG are free.</summary>
    public FixedBits Cr0;

    public FixedBits Cr4;

    /// <summary>The guest can be made to exit after a time.</summary>
    public bool HasPreemptionTimer;

    /// <summary>IA32_VMX_MISC.</summary>
    public ulong Miscellaneous;

    public byte PhysicalAddressBits;

    /// <summary>The VMCS was entered since it was cleared, so that VMRESUME is due.</summary>
    public bool IsLaunched;

    /// <summary>The guest is to exit as soon as it can take a non-maskable interrupt.</summary>
    public bool IsNmiWindowOpen;

    /// <summary>The guest has executed nothing of the state that was loaded last.</summary>
    public bool IsFresh;

    /// <summary>What was set aside for a runtime service.</summary>
    public HeldInterruptState Held;

    /// <summary>It executes the firmware for a runtime service.</summary>
    public bool IsService;

    /// <summary>The primary controls as they are to be now, without the NMI window.</summary>
    public readonly PrimaryControls Primary => IsService
        ? Controls.Primary | PrimaryControls.PauseExiting | PrimaryControls.HltExiting : Controls.Primary;

    /// <summary>The pin-based controls as they are to be now.</summary>
    public readonly PinControls Pin => IsService && HasPreemptionTimer
        ? Controls.Pin | PinControls.ActivatePreemptionTimer : Controls.Pin;

    public readonly bool UsesVpid => (Controls.Secondary & SecondaryControls.EnableVpid) != 0;

    /// <summary>Bits of CR0 that the guest sees as it wrote them, whatever they are: those that VMX forces.</summary>
    public readonly ulong Cr0Mask => (Cr0.MustBeOne | ~Cr0.MayBeOne) & 0xFFFF_FFFF;

    /// <summary>The same of CR4, and what belongs to the extensions that guests do not have.</summary>
    public readonly ulong Cr4Mask => Cr4.MustBeOne | Hv.Cpu.Cr4.VirtualMachineExtensions | Hv.Cpu.Cr4.SaferModeExtensions;
}

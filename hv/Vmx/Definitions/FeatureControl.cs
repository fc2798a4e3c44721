namespace Switcher.Hv.Vmx.Definitions;

/// <summary>IA32_FEATURE_CONTROL: SDM vol. 3, 24.7 "Enabling and Entering VMX Operation".</summary>
public readonly struct FeatureControl
{
    private const ulong Lock = 1 << 0;
    private const ulong VmxInSmx = 1 << 1;
    private const ulong VmxOutsideSmx = 1 << 2;

    // SENTER local functions and their global enable, which belong to SMX.
    private const ulong Senter = 0xFF << 8;

    public FeatureControl(ulong value) => Value = value;

    public ulong Value { get; }

    /// <summary>The firmware has switched VMX off until the next reset.</summary>
    public bool IsLockedOff => (Value & (Lock | VmxOutsideSmx)) == Lock;

    /// <summary>VMXON works as it is.</summary>
    public bool IsLockedOn => (Value & (Lock | VmxOutsideSmx)) == (Lock | VmxOutsideSmx);

    /// <summary>What to write where the firmware has left the register open: VMXON faults while it is not locked.</summary>
    public FeatureControl WithVmxLockedOn => new(Value | Lock | VmxOutsideSmx);

    /// <summary>What a guest reads: the register of a CPU whose firmware has switched VMX off.</summary>
    public FeatureControl WithoutVmx => new((Value & ~(VmxInSmx | VmxOutsideSmx | Senter)) | Lock);
}

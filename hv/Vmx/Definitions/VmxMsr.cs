namespace Switcher.Hv.Vmx.Definitions;

/// <summary>MSRs of VMX: SDM vol. 4, 2.1 "Architectural MSRs"; vol. 3, appendix A "VMX Capability Reporting Facility".</summary>
public static class VmxMsr
{
    public const uint FeatureControl = 0x3A;
    public const uint Basic = 0x480;
    public const uint PinControls = 0x481;
    public const uint PrimaryControls = 0x482;
    public const uint ExitControls = 0x483;
    public const uint EntryControls = 0x484;
    public const uint Miscellaneous = 0x485;
    public const uint Cr0Fixed0 = 0x486;
    public const uint Cr0Fixed1 = 0x487;
    public const uint Cr4Fixed0 = 0x488;
    public const uint Cr4Fixed1 = 0x489;
    public const uint SecondaryControls = 0x48B;
    public const uint EptAndVpid = 0x48C;
    public const uint TruePinControls = 0x48D;
    public const uint TruePrimaryControls = 0x48E;
    public const uint TrueExitControls = 0x48F;
    public const uint TrueEntryControls = 0x490;

    /// <summary>The last of the range that is VMX's: IA32_VMX_EXIT_CTLS2.</summary>
    public const uint Last = 0x493;
}

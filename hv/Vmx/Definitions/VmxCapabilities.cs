using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;

namespace Switcher.Hv.Vmx.Definitions;

/// <summary>Which bits of a control field can be 0 and which can be 1: SDM vol. 3, A.3 "VM-Execution Controls".</summary>
public readonly struct ControlCapability
{
    private readonly ulong _value;

    /// <param name="value">The capability MSR, or 0 for controls that the CPU does not have.</param>
    public ControlCapability(ulong value) => _value = value;

    /// <summary>"Allowed 0-settings": the bits that have to be 1.</summary>
    public uint MustBeOne => (uint)_value;

    /// <summary>"Allowed 1-settings": the bits that may be 1.</summary>
    public uint MayBeOne => (uint)(_value >> 32);
}

/// <summary>IA32_VMX_EPT_VPID_CAP: SDM vol. 3, A.10 "VPID and EPT Capabilities".</summary>
public readonly struct EptCapability
{
    public const int FourLevels = 6;
    public const int WriteBack = 14;
    public const int LargePages = 16;
    public const int HugePages = 17;
    public const int Invept = 20;
    public const int InveptAllContexts = 26;
    public const int Invvpid = 32;
    public const int InvvpidAllContexts = 42;

    public EptCapability(ulong value) => Value = value;

    public ulong Value { get; }

    /// <summary>The largest page that a nested page table can have, in bytes.</summary>
    public ulong LargestPage => Has(HugePages) ? PageSize.Huge : PageSize.Large;

    /// <summary>Whether translations can be dropped that are tagged with a VPID.</summary>
    public bool HasInvvpid => Has(Invvpid) && Has(InvvpidAllContexts);

    public bool Has(int bit) => ((Value >> bit) & 1) != 0;
}

/// <summary>All that a CPU says of its VMX: SDM vol. 3, appendix A.</summary>
public struct VmxCapabilities
{
    private const ulong HasTrueControls = 1UL << 55;

    public ControlCapability Pin;
    public ControlCapability Primary;
    public ControlCapability Secondary;
    public ControlCapability Exit;
    public ControlCapability Entry;
    public EptCapability Ept;
    public FixedBits Cr0;
    public FixedBits Cr4;

    /// <summary>IA32_VMX_MISC.</summary>
    public ulong Miscellaneous;

    /// <summary>What the first word of a VMXON region and of a VMCS has to be.</summary>
    public uint Revision;

    /// <summary>Reads the MSRs; only where CPUID says that there is VMX. MSRs that the others say do not exist are not touched.</summary>
    public static VmxCapabilities Read<TCpu>()
        where TCpu : struct, ICpu
    {
        ulong basic = TCpu.ReadMsr(VmxMsr.Basic);
        bool hasTrue = (basic & HasTrueControls) != 0;
        var capabilities = new VmxCapabilities
        {
            Revision = (uint)basic & 0x7FFF_FFFF,
            Pin = new ControlCapability(TCpu.ReadMsr(hasTrue ? VmxMsr.TruePinControls : VmxMsr.PinControls)),
            Primary = new ControlCapability(TCpu.ReadMsr(hasTrue ? VmxMsr.TruePrimaryControls : VmxMsr.PrimaryControls)),
            Exit = new ControlCapability(TCpu.ReadMsr(hasTrue ? VmxMsr.TrueExitControls : VmxMsr.ExitControls)),
            Entry = new ControlCapability(TCpu.ReadMsr(hasTrue ? VmxMsr.TrueEntryControls : VmxMsr.EntryControls)),
            Miscellaneous = TCpu.ReadMsr(VmxMsr.Miscellaneous),
            Cr0 = new FixedBits(TCpu.ReadMsr(VmxMsr.Cr0Fixed0), TCpu.ReadMsr(VmxMsr.Cr0Fixed1)),
            Cr4 = new FixedBits(TCpu.ReadMsr(VmxMsr.Cr4Fixed0), TCpu.ReadMsr(VmxMsr.Cr4Fixed1)),
        };
        if ((capabilities.Primary.MayBeOne & (uint)PrimaryControls.ActivateSecondaryControls) != 0)
            capabilities.Secondary = new ControlCapability(TCpu.ReadMsr(VmxMsr.SecondaryControls));
        const uint NeedsEptMsr = (uint)(SecondaryControls.EnableEpt | SecondaryControls.EnableVpid);
        if ((capabilities.Secondary.MayBeOne & NeedsEptMsr) != 0)
            capabilities.Ept = new EptCapability(TCpu.ReadMsr(VmxMsr.EptAndVpid));
        return capabilities;
    }
}

/// <summary>What VMX makes of a control register: SDM vol. 3, A.7 "VMX-Fixed Bits in CR0", A.8 "VMX-Fixed Bits in CR4".</summary>
public readonly struct FixedBits
{
    /// <param name="fixed0">Bits that are 1 here have to be 1.</param>
    /// <param name="fixed1">Bits that are 0 here have to be 0.</param>
    public FixedBits(ulong fixed0, ulong fixed1)
    {
        MustBeOne = fixed0;
        MayBeOne = fixed1;
    }

    public ulong MustBeOne { get; }

    public ulong MayBeOne { get; }

    /// <summary>The nearest value that is allowed.</summary>
    public ulong Apply(ulong value) => (value | MustBeOne) & MayBeOne;

    /// <summary>The same, without the demand that <paramref name="bits"/> be 1.</summary>
    public FixedBits Except(ulong bits) => new(MustBeOne & ~bits, MayBeOne);
}

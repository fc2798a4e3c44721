namespace Switcher.Hv.Svm;

/// <summary>What CPUID says of SVM: APM vol. 3, appendix E.4.9 Function 8000_000Ah.</summary>
public static class SvmCpuid
{
    /// <summary>The extended feature leaf; ECX bit 2 is SVM.</summary>
    public const uint ExtendedFeatures = 0x8000_0001;
    public const uint SvmFeature = 1 << 2;

    /// <summary>SKINIT and friends, ECX bit 12, which need SVM.</summary>
    public const uint SkinitFeature = 1 << 12;

    /// <summary>EDX bit 26 of the same leaf: pages of 1 GiB.</summary>
    public const uint HugePages = 1 << 26;

    /// <summary>The leaf that describes SVM.</summary>
    public const uint Svm = 0x8000_000A;

    /// <summary>EDX bit 0.</summary>
    public const uint NestedPaging = 1 << 0;

    /// <summary>EDX bit 3: the VMCB tells the next RIP.</summary>
    public const uint NextRipSave = 1 << 3;
}

using Switcher.Hv.Cpu;

namespace Switcher.Hv.Vendor;

/// <summary>
/// What CPUID must not show guests: the extensions of both vendors on every machine, which is why it is not behind the contract, and memory
/// encryption, since an encrypted guest would see other guest-physical addresses than the hypervisor's tables have.
/// </summary>
public static class HiddenFeatures
{
    public static void Hide(uint leaf, ref CpuidResult result)
    {
        switch (leaf)
        {
            case CpuidLeaf.Features:
                result.Ecx &= ~(CpuidBit.Vmx | CpuidBit.Smx);
                break;
            case CpuidLeaf.ExtendedFeatures:
                result.Ecx &= ~(CpuidBit.Svm | CpuidBit.Skinit);
                break;
            case CpuidLeaf.Svm or CpuidLeaf.MemoryEncryption:
                result = default;
                break;
            default:
                break;
        }
    }
}

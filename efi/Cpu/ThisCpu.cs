using Switcher.Hv.Cpu;

namespace Switcher.Efi.Cpu;

/// <summary>The CPU that executes this, to be asked what it has.</summary>
internal unsafe struct ThisCpu : ICpuid
{
    public static CpuidResult Cpuid(uint leaf, uint subleaf)
    {
        CpuidResult result;
        Instructions.Cpuid(leaf, subleaf, (uint*)&result);
        return result;
    }
}

using Switcher.Boot.Memory;

namespace Switcher.Hv.Cpu;

/// <summary>Leaves of CPUID: SDM vol. 2, "CPUID-CPU Identification"; APM vol. 3, appendix E.</summary>
public static class CpuidLeaf
{
    public const uint Basic = 0;
    public const uint Features = 1;
    public const uint StructuredFeatures = 7;
    public const uint ExtendedTopology = 0xB;
    public const uint ExtendedState = 0xD;
    public const uint Extended = 0x8000_0000;
    public const uint ExtendedFeatures = 0x8000_0001;
    public const uint AddressSizes = 0x8000_0008;
    public const uint Svm = 0x8000_000A;
    public const uint MemoryEncryption = 0x8000_001F;
}

/// <summary>Bits of the leaves' answers.</summary>
public static class CpuidBit
{
    // Leaf 1, ECX, then EDX.
    public const uint Vmx = 1 << 5;
    public const uint Smx = 1 << 6;
    public const uint Xsave = 1 << 26;
    public const uint OsXsave = 1 << 27;
    public const uint Mtrr = 1 << 12;

    // Leaf 7, ECX.
    public const uint OsProtectionKeys = 1 << 4;

    // Leaf Dh, subleaf 1, EAX.
    public const uint Xsaves = 1 << 3;

    // Leaf 8000_0001h, ECX, then EDX.
    public const uint Svm = 1 << 2;
    public const uint Skinit = 1 << 12;
    public const uint HugePages = 1 << 26;
    public const uint Rdtscp = 1 << 27;

    // Leaf 8000_000Ah, EDX.
    public const uint NestedPaging = 1 << 0;
}

/// <summary>What CPUID says of a CPU: each question has its one answer here.</summary>
/// <typeparam name="TCpu">The CPU that is asked.</typeparam>
public static class CpuFeatures<TCpu>
    where TCpu : struct, ICpuid
{
    /// <summary>Bits of a physical address.</summary>
    public static int PhysicalAddressBits => HasExtended(CpuidLeaf.AddressSizes) ? (byte)TCpu.Cpuid(CpuidLeaf.AddressSizes, 0).Eax : 36;

    /// <summary>The largest page of ordinary page tables and of AMD's nested ones: one of <see cref="PageSize"/>.</summary>
    public static ulong LargestPage
        => (TCpu.Cpuid(CpuidLeaf.ExtendedFeatures, 0).Edx & CpuidBit.HugePages) != 0 ? PageSize.Huge : PageSize.Large;

    public static bool HasVmx => (TCpu.Cpuid(CpuidLeaf.Features, 0).Ecx & CpuidBit.Vmx) != 0;

    /// <summary>The leaf that describes SVM is there too, as the manual demands.</summary>
    public static bool HasSvm
        => HasExtended(CpuidLeaf.Svm) && (TCpu.Cpuid(CpuidLeaf.ExtendedFeatures, 0).Ecx & CpuidBit.Svm) != 0;

    /// <summary>Nested page tables, where there is SVM.</summary>
    public static bool HasNestedPaging => (TCpu.Cpuid(CpuidLeaf.Svm, 0).Edx & CpuidBit.NestedPaging) != 0;

    public static bool HasXsave => (TCpu.Cpuid(CpuidLeaf.Features, 0).Ecx & CpuidBit.Xsave) != 0;

    public static bool HasXsaves => HasXsave && (TCpu.Cpuid(CpuidLeaf.ExtendedState, 1).Eax & CpuidBit.Xsaves) != 0;

    public static bool HasMtrrs => (TCpu.Cpuid(CpuidLeaf.Features, 0).Edx & CpuidBit.Mtrr) != 0;

    public static bool HasRdtscp => (TCpu.Cpuid(CpuidLeaf.ExtendedFeatures, 0).Edx & CpuidBit.Rdtscp) != 0;

    /// <summary>The local APIC's ID: the leaf of the topology has all 32 bits where it exists.</summary>
    public static uint ApicId
    {
        get
        {
            if (TCpu.Cpuid(CpuidLeaf.Basic, 0).Eax >= CpuidLeaf.ExtendedTopology)
            {
                CpuidResult topology = TCpu.Cpuid(CpuidLeaf.ExtendedTopology, 0);
                if (topology.Ebx != 0)
                    return topology.Edx;
            }
            return TCpu.Cpuid(CpuidLeaf.Features, 0).Ebx >> 24;
        }
    }

    private static bool HasExtended(uint leaf) => TCpu.Cpuid(CpuidLeaf.Extended, 0).Eax >= leaf;
}

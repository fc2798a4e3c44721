using System;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Cpu;

public class CpuFeaturesTests
{
    [ThreadStatic]
    private static FakeCpuid? s_answers;

    private readonly struct Asked : ICpuid
    {
        public static CpuidResult Cpuid(uint leaf, uint subleaf) => s_answers![leaf, subleaf];
    }

    public CpuFeaturesTests() => s_answers = new FakeCpuid();

    /// <summary>Without the leaf the width is 36: SDM vol. 3, 4.1.4 "Enumeration of Paging Features by CPUID".</summary>
    [Theory]
    [InlineData(0x8000_0008u, 0x3028u, 40)]
    [InlineData(0x8000_001Fu, 0x3034u, 52)]
    [InlineData(0x8000_0004u, 0x3028u, 36)]
    public void PhysicalAddressBits_ByTheHighestLeaf_AreTheLeafs(uint highest, uint sizes, int bits)
    {
        s_answers![CpuidLeaf.Extended] = new CpuidResult { Eax = highest };
        s_answers[CpuidLeaf.AddressSizes] = new CpuidResult { Eax = sizes };
        Assert.Equal(bits, CpuFeatures<Asked>.PhysicalAddressBits);
    }

    [Theory]
    [InlineData(1u << 26, PageSize.Huge)]
    [InlineData(~(1u << 26), PageSize.Large)]
    public void LargestPage_ByTheFeature_IsOneGibOrTwoMib(uint features, ulong size)
    {
        s_answers![CpuidLeaf.ExtendedFeatures] = new CpuidResult { Edx = features };
        Assert.Equal(size, CpuFeatures<Asked>.LargestPage);
    }

    /// <summary>
    /// A leaf beyond the highest returns whatever a CPU likes (Intel's: the data of the highest basic leaf), so it must not be asked.
    /// </summary>
    [Fact]
    public void SvmFeatures_BeyondTheHighestLeaf_DoNotCount()
    {
        Assert.True(CpuFeatures<Asked>.HasSvm && CpuFeatures<Asked>.HasNestedPaging);
        s_answers![CpuidLeaf.Extended] = new CpuidResult { Eax = 0x8000_0008 };
        Assert.False(CpuFeatures<Asked>.HasSvm);
    }

    [Fact]
    public void ApicId_WithTheTopologyLeaf_HasAllItsBits()
    {
        s_answers![CpuidLeaf.ExtendedTopology] = new CpuidResult { Ebx = 2, Edx = 0x1_0023 };
        Assert.Equal(0x1_0023u, CpuFeatures<Asked>.ApicId);
        s_answers[CpuidLeaf.ExtendedTopology] = default;
        s_answers[CpuidLeaf.Features] = new CpuidResult { Ebx = 0x2302_0800 };
        Assert.Equal(0x23u, CpuFeatures<Asked>.ApicId);
    }
}

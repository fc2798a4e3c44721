namespace Switcher.Hv.Cpu;

/// <summary>
/// Numbers of model-specific registers: APM vol. 2, appendix A MSR Cross-Reference; SDM vol. 4 for those that both vendors have.
/// </summary>
public static class Msr
{
    public const uint ApicBase = 0x1B;
    public const uint SpecCtrl = 0x48;
    public const uint MtrrCap = 0xFE;
    public const uint SysenterCs = 0x174;
    public const uint SysenterEsp = 0x175;
    public const uint SysenterEip = 0x176;
    public const uint DebugCtl = 0x1D9;
    public const uint MtrrPhysBase0 = 0x200;
    public const uint MtrrFix64K00000 = 0x250;
    public const uint MtrrFix16K80000 = 0x258;
    public const uint MtrrFix16KA0000 = 0x259;
    public const uint MtrrFix4KC0000 = 0x268;
    public const uint Pat = 0x277;
    public const uint MtrrDefType = 0x2FF;
    public const uint X2ApicFirst = 0x800;
    public const uint X2ApicIcr = 0x830;
    public const uint Xss = 0xDA0;
    public const uint Efer = 0xC000_0080;
    public const uint Star = 0xC000_0081;
    public const uint LStar = 0xC000_0082;
    public const uint CStar = 0xC000_0083;
    public const uint SfMask = 0xC000_0084;
    public const uint FsBase = 0xC000_0100;
    public const uint GsBase = 0xC000_0101;
    public const uint KernelGsBase = 0xC000_0102;
    public const uint TscAux = 0xC000_0103;
    public const uint VmCr = 0xC001_0114;
    public const uint VmHsavePa = 0xC001_0117;
    public const uint SvmKey = 0xC001_0118;

    /// <summary>APM vol. 2, 7.7.2: PAT after reset.</summary>
    public const ulong PatAfterReset = 0x0007_0406_0007_0406;
}

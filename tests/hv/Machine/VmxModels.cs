using System.Collections.Generic;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Tests.Hv.Machine;

/// <summary>The VMX capability MSRs of CPUs, by the names of Bochs 3.0's models of them: SDM vol. 3, appendix A.</summary>
internal static class VmxModels
{
    public const string SkylakeX = "corei7_skylake_x";
    public const string TigerLake = "tigerlake";
    public const string Haswell = "corei7_haswell_4770";
    public const string IvyBridge = "corei7_ivy_bridge_3770k";
    public const string Lynnfield = "corei5_lynnfield_750";
    public const string Penryn = "core2_penryn_t9600";

    /// <summary>The MSRs of a model. Those that it does not have are absent.</summary>
    public static Dictionary<uint, ulong> Of(string model) => model switch
    {
        TigerLake => Modern(0x0297_7FFF, 0xF01_06B3_4141, 0x6004_01E0),
        SkylakeX => Modern(0x0217_7FFF, 0xF01_0633_4141, 0x6004_01E0),
        Haswell => Modern(0x0004_7FFF, 0xF01_0633_4141, 0x6004_01E0),
        IvyBridge => Modern(0x0000_08FF, 0xF01_0611_4141, 0x6004_01E0),
        Lynnfield => Modern(0x0000_007F, 0xF01_0611_4141, 0x0004_01C0),
        _ => new Dictionary<uint, ulong>
        {
            [VmxMsr.FeatureControl] = 0,
            [VmxMsr.Basic] = 0x005A_0800_0000_000D,
            [VmxMsr.PinControls] = 0x0000_003F_0000_0016,
            [VmxMsr.PrimaryControls] = 0xF7F9_FFFE_0401_E172,
            [VmxMsr.ExitControls] = 0x0003_FFFF_0003_6DFF,
            [VmxMsr.EntryControls] = 0x0000_3FFF_0000_11FF,
            [VmxMsr.Miscellaneous] = 0x0004_03C0,
            [VmxMsr.Cr0Fixed0] = 0x8000_0021,
            [VmxMsr.Cr0Fixed1] = 0xFFFF_FFFF,
            [VmxMsr.Cr4Fixed0] = 0x2000,
            [VmxMsr.Cr4Fixed1] = 0x4_67FF,
            [VmxMsr.SecondaryControls] = 0x0000_0041_0000_0000,
        },
    };

    private static Dictionary<uint, ulong> Modern(uint secondary, ulong eptAndVpid, ulong miscellaneous) => new()
    {
        [VmxMsr.FeatureControl] = 0,
        [VmxMsr.Basic] = 0x00D8_1000_0000_002B,
        [VmxMsr.PinControls] = 0x0000_007F_0000_0016,
        [VmxMsr.PrimaryControls] = 0xF7F9_FFFE_0401_E172,
        [VmxMsr.ExitControls] = 0x007F_FFFF_0003_6DFF,
        [VmxMsr.EntryControls] = 0x0000_FFFF_0000_11FF,
        [VmxMsr.Miscellaneous] = miscellaneous,
        [VmxMsr.Cr0Fixed0] = 0x8000_0021,
        [VmxMsr.Cr0Fixed1] = 0xFFFF_FFFF,
        [VmxMsr.Cr4Fixed0] = 0x2000,
        [VmxMsr.Cr4Fixed1] = 0x37_27FF,
        [VmxMsr.SecondaryControls] = (ulong)secondary << 32,
        [VmxMsr.EptAndVpid] = eptAndVpid,
        [VmxMsr.TruePinControls] = 0x0000_007F_0000_0016,
        [VmxMsr.TruePrimaryControls] = 0xF7F9_FFFE_0400_6172,
        [VmxMsr.TrueExitControls] = 0x007F_FFFF_0003_6DFB,
        [VmxMsr.TrueEntryControls] = 0x0000_FFFF_0000_11FB,
    };
}

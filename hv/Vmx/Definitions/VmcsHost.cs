namespace Switcher.Hv.Vmx.Definitions;

/// <summary>Host-state area: SDM vol. 3, 25.5 "Host-State Area", appendix B.</summary>
public static class VmcsHost
{
    public static VmcsField<ushort> EsSelector => new(0x0C00);

    public static VmcsField<ushort> CsSelector => new(0x0C02);

    public static VmcsField<ushort> SsSelector => new(0x0C04);

    public static VmcsField<ushort> DsSelector => new(0x0C06);

    public static VmcsField<ushort> FsSelector => new(0x0C08);

    public static VmcsField<ushort> GsSelector => new(0x0C0A);

    public static VmcsField<ushort> TrSelector => new(0x0C0C);

    public static VmcsField<ulong> Pat => new(0x2C00);

    public static VmcsField<ulong> Efer => new(0x2C02);

    public static VmcsField<uint> SysenterCs => new(0x4C00);

    public static VmcsField<nuint> Cr0 => new(0x6C00);

    public static VmcsField<nuint> Cr3 => new(0x6C02);

    public static VmcsField<nuint> Cr4 => new(0x6C04);

    public static VmcsField<nuint> FsBase => new(0x6C06);

    public static VmcsField<nuint> GsBase => new(0x6C08);

    public static VmcsField<nuint> TrBase => new(0x6C0A);

    public static VmcsField<nuint> GdtrBase => new(0x6C0C);

    public static VmcsField<nuint> IdtrBase => new(0x6C0E);

    public static VmcsField<nuint> SysenterEsp => new(0x6C10);

    public static VmcsField<nuint> SysenterEip => new(0x6C12);

    /// <summary>The world switch writes it at every entry.</summary>
    public static VmcsField<nuint> Rsp => new(0x6C14);

    public static VmcsField<nuint> Rip => new(0x6C16);
}

namespace Switcher.Hv.Vmx.Definitions;

/// <summary>
/// A field of the VMCS that software reads and writes: SDM vol. 3, appendix B "Field Encoding in VMCS". The encoding cannot be mistaken for
/// a value, and the value has the field's width.
/// </summary>
/// <typeparam name="T">16-bit fields: ushort; 32-bit: uint or an enum of it; 64-bit: ulong; natural width: nuint.</typeparam>
public readonly struct VmcsField<T>
    where T : unmanaged
{
    internal VmcsField(uint encoding) => Encoding = encoding;

    /// <summary>What VMREAD and VMWRITE take.</summary>
    public uint Encoding { get; }
}

/// <summary>A field of the VMCS that the CPU writes and software only reads.</summary>
/// <typeparam name="T">As for <see cref="VmcsField{T}"/>.</typeparam>
public readonly struct VmcsInformation<T>
    where T : unmanaged
{
    internal VmcsInformation(uint encoding) => Encoding = encoding;

    /// <summary>What VMREAD takes.</summary>
    public uint Encoding { get; }
}

/// <summary>The four fields of one of the guest's segment registers.</summary>
public readonly struct VmcsSegment
{
    private readonly uint _offset;

    /// <param name="number">ES, CS, SS, DS, FS, GS, LDTR, TR: 0 to 7.</param>
    internal VmcsSegment(uint number) => _offset = 2 * number;

    public VmcsField<ushort> Selector => new(0x0800 + _offset);

    public VmcsField<uint> Limit => new(0x4800 + _offset);

    public VmcsField<uint> AccessRights => new(0x4814 + _offset);

    public VmcsField<nuint> Base => new(0x6806 + _offset);
}

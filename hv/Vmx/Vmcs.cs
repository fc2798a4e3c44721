using System.Runtime.CompilerServices;

namespace Switcher.Hv.Vmx;

/// <summary>The current VMCS of the CPU that executes this.</summary>
/// <typeparam name="TInstructions">VMREAD and VMWRITE.</typeparam>
public static class Vmcs<TInstructions>
    where TInstructions : struct, IVmxInstructions
{
    public static T Read<T>(VmcsField<T> field)
        where T : unmanaged
        => Narrow<T>(TInstructions.ReadVmcs(field.Encoding));

    public static T Read<T>(VmcsInformation<T> field)
        where T : unmanaged
        => Narrow<T>(TInstructions.ReadVmcs(field.Encoding));

    public static void Write<T>(VmcsField<T> field, T value)
        where T : unmanaged
    {
        ulong wide = 0;
        Unsafe.As<ulong, T>(ref wide) = value;
        TInstructions.WriteVmcs(field.Encoding, wide);
    }

    /// <summary>Fields of natural width have 64 bits on every CPU that runs this.</summary>
    public static void Write(VmcsField<nuint> field, ulong value) => TInstructions.WriteVmcs(field.Encoding, value);

    // x86 is little-endian: the low bytes come first.
    private static T Narrow<T>(ulong value)
        where T : unmanaged
        => Unsafe.As<ulong, T>(ref value);
}

using System.Runtime.CompilerServices;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

public readonly partial struct Vmx<TPlatform>
{
    /// <summary>The current VMCS of the CPU that executes this.</summary>
    public static class Vmcs
    {
        public static T Read<T>(VmcsField<T> field)
            where T : unmanaged
            => Narrow<T>(TPlatform.ReadVmcs(field.Encoding));

        public static T Read<T>(VmcsInformation<T> field)
            where T : unmanaged
            => Narrow<T>(TPlatform.ReadVmcs(field.Encoding));

        public static void Write<T>(VmcsField<T> field, T value)
            where T : unmanaged
        {
            ulong wide = 0;
            Unsafe.As<ulong, T>(ref wide) = value;
            TPlatform.WriteVmcs(field.Encoding, wide);
        }

        /// <summary>Fields of natural width have 64 bits on every CPU that runs this.</summary>
        public static void Write(VmcsField<nuint> field, ulong value) => TPlatform.WriteVmcs(field.Encoding, value);

        // x86 is little-endian: the low bytes come first.
        private static T Narrow<T>(ulong value)
            where T : unmanaged
            => Unsafe.As<ulong, T>(ref value);
    }
}

using System.Runtime.CompilerServices;

namespace Switcher.Tests.Hv;

/// <summary>Where a field lies in a structure that hardware or machine code shares.</summary>
internal static class Layout
{
    public static int OffsetOf<TStruct, TField>(ref TStruct structure, ref TField field)
        => (int)Unsafe.ByteOffset(ref Unsafe.As<TStruct, byte>(ref structure), ref Unsafe.As<TField, byte>(ref field));
}

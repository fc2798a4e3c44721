using System.Runtime.CompilerServices;

namespace Switcher.Build;

/// <summary>
/// Where the fields of a structure lie that C# and machine code share: C# decides, and machine code asks when it is assembled. It is .NET's
/// layout, which is also the freestanding compiler's for structures without references.
/// </summary>
/// <typeparam name="T">The structure.</typeparam>
public static class Layout<T>
    where T : struct
{
    /// <summary>Selects a field, also one of a structure inside: <c>(ref cpu) => ref cpu.Registers.Rax</c>.</summary>
    public delegate ref TField Field<TField>(ref T structure);

    /// <summary>Bytes of the structure.</summary>
    public static int Size => Unsafe.SizeOf<T>();

    /// <summary>Bytes from the structure's start to a field.</summary>
    public static int Offset<TField>(Field<TField> field)
    {
        T structure = default;
        return (int)Unsafe.ByteOffset(ref Unsafe.As<T, byte>(ref structure), ref Unsafe.As<TField, byte>(ref field(ref structure)));
    }
}

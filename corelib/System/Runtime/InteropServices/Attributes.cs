namespace System.Runtime.InteropServices;

/// <summary>How the fields of a structure are placed.</summary>
public enum LayoutKind
{
    Sequential = 0,
    Explicit = 2,
    Auto = 3,
}

/// <summary>The character set of a structure's text fields.</summary>
public enum CharSet
{
    None = 1,
    Ansi = 2,
    Unicode = 3,
    Auto = 4,
}

/// <summary>Says how the fields of a structure are placed.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class StructLayoutAttribute : Attribute
{
    public StructLayoutAttribute(LayoutKind layoutKind) => Value = layoutKind;

    public LayoutKind Value { get; }

    public int Pack;

    public int Size;

    public CharSet CharSet;
}

/// <summary>Places a field of a structure.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class FieldOffsetAttribute : Attribute
{
    public FieldOffsetAttribute(int offset) => Value = offset;

    public int Value { get; }
}

/// <summary>Marks a parameter that goes in.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class InAttribute : Attribute
{
}

/// <summary>Marks a parameter that comes out.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class OutAttribute : Attribute
{
}

/// <summary>Marks a method that native code calls through a function pointer.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnmanagedCallersOnlyAttribute : Attribute
{
    public Type[]? CallConvs;

    public string? EntryPoint;
}

/// <summary>Marks a call that skips the transition to native code.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SuppressGCTransitionAttribute : Attribute
{
}

/// <summary>How native code sees a value. The C# compiler wants the type to exist, for the <c>unmanaged</c> constraint.</summary>
public enum UnmanagedType
{
}

namespace System;

/// <summary>A truth value.</summary>
public readonly struct Boolean : IEquatable<bool>
{
    private readonly bool _value;

    public bool Equals(bool obj) => _value == obj;
}

/// <summary>A UTF-16 code unit.</summary>
public readonly struct Char : IEquatable<char>
{
    public const char MaxValue = '\uFFFF';
    public const char MinValue = '\0';

    private readonly char _value;

    public bool Equals(char obj) => _value == obj;
}

/// <summary>A signed integer of the width of a pointer.</summary>
public readonly struct IntPtr : IEquatable<nint>
{
    public static readonly nint Zero;

    private readonly nint _value;

    public bool Equals(nint other) => _value == other;
}

/// <summary>An unsigned integer of the width of a pointer.</summary>
public readonly struct UIntPtr : IEquatable<nuint>
{
    public static readonly nuint Zero;

    private readonly nuint _value;

    public bool Equals(nuint other) => _value == other;
}

/// <summary>A binary32 number. The compilers want the type to exist.</summary>
public readonly struct Single
{
    private readonly float _value;
}

/// <summary>A binary64 number. The compilers want the type to exist.</summary>
public readonly struct Double
{
    private readonly double _value;
}

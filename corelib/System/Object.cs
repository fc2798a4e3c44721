namespace System;

/// <summary>The base of every type. Objects exist only as literals in the image: nothing can be allocated.</summary>
public class Object
{
    // ECMA-335 leaves the header to the runtime; the compiler lays down a pointer to the type's method table here.
    private unsafe readonly void* _methodTable;

    public Object()
    {
    }

    public virtual bool Equals(object? obj) => ReferenceEquals(this, obj);

    public virtual int GetHashCode() => 0;

    public virtual string? ToString() => null;

    public static bool ReferenceEquals(object? objA, object? objB) => objA == objB;
}

/// <summary>The base of every structure and enumeration.</summary>
public abstract class ValueType
{
    protected ValueType()
    {
    }
}

/// <summary>The base of every enumeration.</summary>
public abstract class Enum : ValueType
{
    protected Enum()
    {
    }
}

/// <summary>The base of every attribute. Attributes are read by the compilers only.</summary>
public abstract class Attribute
{
    protected Attribute()
    {
    }
}

/// <summary>The base of every exception. The compilers want the type to exist; nothing here throws.</summary>
public class Exception
{
    public Exception()
    {
    }

    public Exception(string? message)
    {
    }
}

/// <summary>The base of every array. The compilers want the type to exist; arrays cannot be allocated.</summary>
public abstract class Array
{
    private readonly int _length;

    private protected Array()
    {
        _length = 0;
    }

    public int Length => _length;
}

/// <summary>The base of delegate types. The compilers want the type to exist; use function pointers.</summary>
public abstract class Delegate
{
    private protected Delegate()
    {
    }
}

/// <summary>The base of delegate types. The compilers want the type to exist; use function pointers.</summary>
public abstract class MulticastDelegate : Delegate
{
    private protected MulticastDelegate()
    {
    }
}

/// <summary>No value.</summary>
public struct Void
{
}

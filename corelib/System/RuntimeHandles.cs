namespace System;

/// <summary>A type's handle, as the compilers know it.</summary>
public struct RuntimeTypeHandle
{
}

/// <summary>A method's handle, as the compilers know it.</summary>
public struct RuntimeMethodHandle
{
}

/// <summary>A field's handle, as the compilers know it: the operand of <c>RuntimeHelpers.CreateSpan</c>.</summary>
public struct RuntimeFieldHandle
{
}

/// <summary>A typed reference, as the compilers know it.</summary>
public ref struct TypedReference
{
}

/// <summary>Types at run time do not exist here; the C# compiler wants the name for attributes.</summary>
public abstract class Type
{
}

/// <summary>The type that objects of type <see cref="Type"/> would have; the code generator looks for the name.</summary>
internal sealed class RuntimeType : Type
{
}

namespace System.Runtime.CompilerServices;

/// <summary>Marks a member that the code generator replaces by code of its own.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Constructor | AttributeTargets.Method)]
internal sealed class IntrinsicAttribute : Attribute
{
}

/// <summary>How a method is compiled.</summary>
[Flags]
public enum MethodImplOptions
{
    NoInlining = 8,
    NoOptimization = 64,
    AggressiveInlining = 256,
    InternalCall = 4096,
}

/// <summary>Says how a method is compiled.</summary>
[AttributeUsage(AttributeTargets.Constructor | AttributeTargets.Method)]
public sealed class MethodImplAttribute : Attribute
{
    public MethodImplAttribute(MethodImplOptions methodImplOptions) => Value = methodImplOptions;

    public MethodImplOptions Value { get; }
}

/// <summary>Repeats the single field of a structure a number of times.</summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class InlineArrayAttribute : Attribute
{
    public InlineArrayAttribute(int length) => Length = length;

    public int Length { get; }
}

/// <summary>Marks a buffer of fixed size in a structure.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class FixedBufferAttribute : Attribute
{
    public FixedBufferAttribute(Type elementType, int length)
    {
        ElementType = elementType;
        Length = length;
    }

    public Type ElementType { get; }

    public int Length { get; }
}

/// <summary>Marks a structure with a buffer of fixed size.</summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class UnsafeValueTypeAttribute : Attribute
{
}

/// <summary>Marks a method that extends a type.</summary>
[AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class | AttributeTargets.Method)]
public sealed class ExtensionAttribute : Attribute
{
}

/// <summary>Marks what the C# compiler made.</summary>
[AttributeUsage(AttributeTargets.All)]
public sealed class CompilerGeneratedAttribute : Attribute
{
}

/// <summary>Marks a structure, reference or parameter that is only read.</summary>
[AttributeUsage(AttributeTargets.All)]
public sealed class IsReadOnlyAttribute : Attribute
{
}

/// <summary>Marks a structure that lives on the stack only.</summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class IsByRefLikeAttribute : Attribute
{
}

/// <summary>Marks a <c>ref readonly</c> parameter.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class RequiresLocationAttribute : Attribute
{
}

/// <summary>Marks a type parameter that takes unmanaged types only.</summary>
[AttributeUsage(AttributeTargets.GenericParameter)]
public sealed class IsUnmanagedAttribute : Attribute
{
}

/// <summary>Marks a parameter whose reference does not escape.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ScopedRefAttribute : Attribute
{
}

/// <summary>Marks a member that every initialiser must set.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Field | AttributeTargets.Property)]
public sealed class RequiredMemberAttribute : Attribute
{
}

/// <summary>Names a language feature that a compiler must know to use the member.</summary>
[AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
public sealed class CompilerFeatureRequiredAttribute : Attribute
{
    public CompilerFeatureRequiredAttribute(string featureName) => FeatureName = featureName;

    public string FeatureName { get; }
}

/// <summary>Leaves local variables without their first zero.</summary>
[AttributeUsage(AttributeTargets.Module | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Method)]
public sealed class SkipLocalsInitAttribute : Attribute
{
}

/// <summary>Prefers one overload to others.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Constructor | AttributeTargets.Property)]
public sealed class OverloadResolutionPriorityAttribute : Attribute
{
    public OverloadResolutionPriorityAttribute(int priority) => Priority = priority;

    public int Priority { get; }
}

/// <summary>Gives a parameter the text of another argument.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class CallerArgumentExpressionAttribute : Attribute
{
    public CallerArgumentExpressionAttribute(string parameterName) => ParameterName = parameterName;

    public string ParameterName { get; }
}

/// <summary>Names the indexer.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IndexerNameAttribute : Attribute
{
    public IndexerNameAttribute(string indexerName)
    {
    }
}

/// <summary>Gives a parameter the line of the call.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class CallerLineNumberAttribute : Attribute
{
}

/// <summary>Gives a parameter the name of the calling member.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class CallerMemberNameAttribute : Attribute
{
}

/// <summary>Keeps the names that a tuple's values have in the source.</summary>
[AttributeUsage(AttributeTargets.All)]
public sealed class TupleElementNamesAttribute : Attribute
{
    public TupleElementNamesAttribute(string?[] transformNames)
    {
    }
}

namespace System.Runtime;

/// <summary>.NET has these two only for its own core library; here they mean nothing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeImportAttribute : Attribute;

/// <summary>See <see cref="RuntimeImportAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

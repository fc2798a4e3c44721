using System.Runtime.CompilerServices;

namespace System.Runtime;

/// <summary>
/// Binds an <c>extern</c> method to the symbol of the same name, of the machine-code stubs or of a <see cref="RuntimeExportAttribute"/>.
/// The compiler takes the symbol from this attribute's last argument, and looks for the attribute at internal calls alone:
/// <code>[RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadTsc();</code>
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeImportAttribute : Attribute
{
    public RuntimeImportAttribute([CallerMemberName] string entryPoint = "") => EntryPoint = entryPoint;

    public string EntryPoint { get; }
}

/// <summary>Gives a method a symbol that machine-code stubs can call.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute : Attribute
{
    public RuntimeExportAttribute(string entryPoint) => EntryPoint = entryPoint;

    public string EntryPoint { get; }
}

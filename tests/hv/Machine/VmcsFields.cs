using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Tests.Hv.Machine;

/// <summary>A field of the VMCS as the code under test declares it.</summary>
/// <param name="Name">Where it is declared.</param>
/// <param name="Encoding">What VMREAD and VMWRITE take.</param>
/// <param name="Value">The C# type of its value.</param>
/// <param name="IsReadOnly">Whether it is declared as information of the CPU's.</param>
internal sealed record VmcsFieldInfo(string Name, uint Encoding, Type Value, bool IsReadOnly);

/// <summary>All fields that <see cref="Switcher.Hv.Vmx"/> declares.</summary>
internal static class VmcsFields
{
    public static IReadOnlyDictionary<uint, VmcsFieldInfo> All { get; } = Declared().ToDictionary(field => field.Encoding);

    private static IEnumerable<VmcsFieldInfo> Declared()
    {
        Type[] areas = [typeof(VmcsControl), typeof(VmcsExit), typeof(VmcsGuest), typeof(VmcsHost)];
        foreach (PropertyInfo property in areas.SelectMany(area => area.GetProperties(BindingFlags.Public | BindingFlags.Static)))
        {
            string name = $"{property.DeclaringType!.Name}.{property.Name}";
            object declared = property.GetValue(null)!;
            if (declared is VmcsSegment)
            {
                foreach (PropertyInfo part in typeof(VmcsSegment).GetProperties())
                    yield return Describe($"{name}.{part.Name}", part.GetValue(declared)!);
            }
            else
            {
                yield return Describe(name, declared);
            }
        }
    }

    private static VmcsFieldInfo Describe(string name, object field)
    {
        Type type = field.GetType();
        uint encoding = (uint)type.GetProperty("Encoding")!.GetValue(field)!;
        return new VmcsFieldInfo(name, encoding, type.GetGenericArguments()[0],
            type.GetGenericTypeDefinition() == typeof(VmcsInformation<>));
    }
}

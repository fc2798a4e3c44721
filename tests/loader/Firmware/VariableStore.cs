using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Loader.Firmware;

/// <summary>A variable of the firmware's.</summary>
internal sealed record Variable(string Name, Guid Vendor, VariableAttributes Attributes, byte[] Value);

/// <summary>The firmware's variables, in the boot phase: UEFI 2.10, 8.2 "Variable Services". It verifies no signatures.</summary>
internal sealed class VariableStore
{
    private const VariableAttributes Access = VariableAttributes.BootServiceAccess | VariableAttributes.RuntimeAccess;

    private readonly List<Variable> _variables = [];

    public IReadOnlyList<Variable> All => _variables;

    /// <summary>Bytes of names and values that there can be.</summary>
    public int Capacity { get; init; } = 1 << 20;

    /// <summary>Bytes that there are.</summary>
    public int Used => _variables.Sum(SizeOf);

    /// <summary>SetVariable() calls that came to the firmware.</summary>
    public int Writes { get; private set; }

    /// <summary>The flash memory does not answer.</summary>
    public bool IsBroken { get; set; }

    /// <summary>Attributes also come with EFI_BUFFER_TOO_SMALL: so since UEFI 2.8.</summary>
    public bool TellsAttributesEarly { get; set; } = true;

    /// <summary>Behind the last variable comes the first.</summary>
    public bool GoesInCircles { get; set; }

    public Variable? Find(string name, Guid vendor) => _variables.Find(v => v.Name == name && v.Vendor == vendor);

    /// <summary>Puts a variable there, past the rules.</summary>
    public void Add(string name, Guid vendor, VariableAttributes attributes, params byte[] value) =>
        _variables.Add(new Variable(name, vendor, attributes, value));

    /// <summary>What comes behind a variable, or the first for an empty name.</summary>
    /// <returns>False if there is no such variable; the next is null at the end.</returns>
    public bool TryGetNext(string name, Guid vendor, out Variable? next)
    {
        int index = name.Length == 0 ? 0 : _variables.FindIndex(v => v.Name == name && v.Vendor == vendor) + 1;
        if (GoesInCircles)
            index %= _variables.Count;
        next = index < _variables.Count ? _variables[index] : null;
        return GoesInCircles || name.Length == 0 || index > 0;
    }

    public void Clear() => _variables.Clear();

    public EfiStatus Set(string name, Guid vendor, VariableAttributes attributes, byte[] value)
    {
        Writes++;
        if (IsBroken)
            return EfiStatus.DeviceError;
        if (name.Length == 0 || (attributes & Access) == VariableAttributes.RuntimeAccess)
            return EfiStatus.InvalidParameter;
        bool isAppended = (attributes & VariableAttributes.AppendWrite) != 0;
        VariableAttributes kept = attributes & ~VariableAttributes.AppendWrite;
        Variable? present = Find(name, vendor);
        if ((value.Length == 0 && !isAppended) || (attributes & Access) == 0)
            return present != null && _variables.Remove(present) ? EfiStatus.Success : EfiStatus.NotFound;
        if (present != null && present.Attributes != kept)
            return EfiStatus.InvalidParameter;
        var changed = new Variable(name, vendor, kept, isAppended && present != null ? [.. present.Value, .. value] : value);
        if (Used - (present == null ? 0 : SizeOf(present)) + SizeOf(changed) > Capacity)
            return EfiStatus.OutOfResources;
        if (present == null)
            _variables.Add(changed);
        else
            _variables[_variables.IndexOf(present)] = changed;
        return EfiStatus.Success;
    }

    private static int SizeOf(Variable variable) => (variable.Name.Length * sizeof(char)) + variable.Value.Length;
}

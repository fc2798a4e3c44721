using System;
using System.Runtime.InteropServices;
using Switcher.Efi.Firmware;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Guests;

/// <summary>A variable in a <see cref="VariableList"/>: its name with the NUL, then its value, follow.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ListedVariable
{
    public Guid Vendor;
    public VariableAttributes Attributes;
    public int NameBytes;
    public int DataBytes;
    private int _padding;

    /// <summary>The name of one in its list.</summary>
    public static ReadOnlySpan<char> NameOf(ListedVariable* variable) => new(variable + 1, variable->NameBytes / sizeof(char));

    public static ReadOnlySpan<byte> DataOf(ListedVariable* variable) =>
        new((byte*)(variable + 1) + variable->NameBytes, variable->DataBytes);
}

/// <summary>Variables with their values in a block of memory, one behind the other.</summary>
internal unsafe struct VariableList
{
    public const int Capacity = 32 * 1024;

    private byte* _start;
    private int _length;

    /// <returns>False if the firmware has no memory for it.</returns>
    public bool Create(UefiFirmware* firmware)
    {
        _start = (byte*)firmware->Allocate(Capacity);
        return _start != null;
    }

    public void Clear() => _length = 0;

    /// <summary>Adds a variable that is not in the list.</summary>
    /// <param name="name">With the NUL.</param>
    /// <returns>False if there is no room for it.</returns>
    public bool TryAdd(ReadOnlySpan<char> name, in Guid vendor, VariableAttributes attributes, ReadOnlySpan<byte> data)
    {
        int nameBytes = name.Length * sizeof(char);
        if (data.Length > Capacity || LengthOf(nameBytes, data.Length) > Capacity - _length)
            return false;
        var variable = (ListedVariable*)(_start + _length);
        *variable = new ListedVariable { Vendor = vendor, Attributes = attributes, NameBytes = nameBytes, DataBytes = data.Length };
        name.CopyTo(new Span<char>(variable + 1, name.Length));
        data.CopyTo(new Span<byte>((byte*)(variable + 1) + nameBytes, data.Length));
        _length += LengthOf(nameBytes, data.Length);
        return true;
    }

    /// <summary>The one behind another, or the first.</summary>
    /// <param name="variable">One of the list, or null.</param>
    /// <returns>Null at the end.</returns>
    public readonly ListedVariable* After(ListedVariable* variable)
    {
        byte* next = variable == null ? _start : (byte*)variable + LengthOf(variable->NameBytes, variable->DataBytes);
        return next < _start + _length ? (ListedVariable*)next : null;
    }

    /// <summary>Finds a variable, or null.</summary>
    /// <param name="name">With a NUL at its end.</param>
    public readonly ListedVariable* Find(char* name, Guid* vendor)
    {
        for (ListedVariable* variable = After(null); variable != null; variable = After(variable))
        {
            if (variable->Vendor == *vendor && IsNamed(ListedVariable.NameOf(variable), name))
                return variable;
        }

        return null;
    }

    private static bool IsNamed(ReadOnlySpan<char> listed, char* name)
    {
        for (int i = 0; i < listed.Length; i++)
        {
            if (name[i] != listed[i])
                return false;
        }

        return true;
    }

    private static int LengthOf(int nameBytes, int dataBytes) => (sizeof(ListedVariable) + nameBytes + dataBytes + 7) & ~7;
}

using System;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Firmware;

/// <summary>Reads and writes the firmware's variables (UEFI 2.10, 8.2 "Variable Services").</summary>
internal static unsafe class Variables
{
    private const int MaximumName = 32;

    /// <summary>The vendor GUID of all of Switcher's own variables.</summary>
    public static Guid SwitcherVendor => new(0x5e7b3c0a, 0x9d1f, 0x4c52, 0x8a, 0x66, 0x3f, 0x0c, 0x2d, 0x9b, 0x71, 0xe4);

    /// <summary>Reads a variable.</summary>
    /// <param name="firmware">Whose it is.</param>
    /// <param name="vendor">Its GUID.</param>
    /// <param name="name">Its name in ASCII.</param>
    /// <param name="value">Its bytes, in memory that stays.</param>
    /// <returns>False if there is none.</returns>
    public static bool TryRead(UefiFirmware* firmware, Guid vendor, scoped ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        char* text = stackalloc char[MaximumName];
        CopyName(name, text);
        value = default;
        RuntimeServices* services = firmware->Table->RuntimeServices;
        VariableAttributes attributes = 0;
        nuint size = 0;
        EfiStatus status = services->GetVariable(text, &vendor, &attributes, &size, null);
        if (status != EfiStatus.BufferTooSmall)
            return status == EfiStatus.Success;
        void* buffer = firmware->Allocate(size);
        if (buffer == null || services->GetVariable(text, &vendor, &attributes, &size, buffer).IsError)
            return false;
        value = new ReadOnlySpan<byte>(buffer, (int)size);
        return true;
    }

    /// <summary>Writes one of Switcher's variables as a system would, to stay; without bytes there is none any more.</summary>
    public static EfiStatus Write(UefiFirmware* firmware, scoped ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        char* text = stackalloc char[MaximumName];
        CopyName(name, text);
        Guid vendor = SwitcherVendor;
        const VariableAttributes Lasting =
            VariableAttributes.NonVolatile | VariableAttributes.BootServiceAccess | VariableAttributes.RuntimeAccess;
        fixed (byte* bytes = value)
        {
            EfiStatus status = firmware->Table->RuntimeServices->SetVariable(text, &vendor, Lasting, (nuint)value.Length, bytes);
            return value.IsEmpty && status == EfiStatus.NotFound ? EfiStatus.Success : status;
        }
    }

    /// <summary>Writes one whose name ends in four hexadecimal digits.</summary>
    public static EfiStatus WriteNumbered(
        UefiFirmware* firmware, scoped ReadOnlySpan<byte> prefix, ushort number, ReadOnlySpan<byte> value)
    {
        Span<byte> name = stackalloc byte[MaximumName];
        return Write(firmware, name.Slice(0, Number(prefix, number, name)), value);
    }

    /// <summary>
    /// Tells a loader which boot option it is, as the boot manager does (UEFI 2.10, 3.3, BootCurrent). An error does not matter.
    /// </summary>
    public static void SetBootCurrent(UefiFirmware* firmware, ushort number)
    {
        Guid vendor = VariableVendor.Global;
        fixed (char* name = "BootCurrent")
        {
            firmware->Table->RuntimeServices->SetVariable(
                name, &vendor, VariableAttributes.BootServiceAccess | VariableAttributes.RuntimeAccess, sizeof(ushort), &number);
        }
    }

    /// <summary>Reads a variable whose name ends in four hexadecimal digits, such as <c>Boot0001</c> (UEFI 2.10, 3.1.1).</summary>
    public static bool TryReadNumbered(
        UefiFirmware* firmware, Guid vendor, scoped ReadOnlySpan<byte> prefix, ushort number, out ReadOnlySpan<byte> value)
    {
        Span<byte> name = stackalloc byte[MaximumName];
        return TryRead(firmware, vendor, name.Slice(0, Number(prefix, number, name)), out value);
    }

    /// <returns>Characters of the name.</returns>
    private static int Number(scoped ReadOnlySpan<byte> prefix, ushort number, scoped Span<byte> name)
    {
        prefix.CopyTo(name);
        for (int i = 0; i < 4; i++)
            name[prefix.Length + i] = "0123456789ABCDEF"u8[(number >> (12 - (4 * i))) & 0xF];
        return prefix.Length + 4;
    }

    /// <summary>Makes UTF-16 with a NUL of a name.</summary>
    private static void CopyName(scoped ReadOnlySpan<byte> name, char* text)
    {
        int length = 0;
        for (; length < name.Length && length < MaximumName - 1; length++)
            text[length] = (char)name[length];
        text[length] = '\0';
    }
}

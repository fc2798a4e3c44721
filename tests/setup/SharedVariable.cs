using System;
using Switcher.Boot.Text;
using Switcher.Efi.Uefi;

namespace Switcher.Tests;

/// <summary>
/// Variables that the small guests and the set-up program share, so that one can tell what the other has left. The value is bytes that
/// count up from the first one, the seed: so a value of which a part is missing shows.
/// </summary>
internal static unsafe class SharedVariable
{
    private const int LongestName = 31;
    private const int MostBytes = 8192;
    private const VariableAttributes Ordinary =
        VariableAttributes.NonVolatile | VariableAttributes.BootServiceAccess | VariableAttributes.RuntimeAccess;

    private static Buffer s_buffer;

    private static Guid Vendor => new(0x6f1a4c52, 0x0b7d, 0x4e0c, 0x91, 0x2e, 0x5d, 0x88, 0x3a, 0x47, 0xc9, 0x10);

    /// <summary>Gives a variable a value, or none.</summary>
    /// <param name="size">Bytes of the value; 0 removes the variable.</param>
    /// <param name="seed">The first byte of the value.</param>
    public static EfiStatus Set(RuntimeServices* services, ReadOnlySpan<byte> name, ulong size, ulong seed)
    {
        if (name.Length is 0 or > LongestName || size > MostBytes)
            return EfiStatus.InvalidParameter;
        char* text = stackalloc char[LongestName + 1];
        WriteName(text, name);
        Guid vendor = Vendor;
        for (ulong i = 0; i < size; i++)
            s_buffer.Bytes[i] = (byte)(seed + i);
        fixed (byte* value = s_buffer.Bytes)
            return services->SetVariable(text, &vendor, Ordinary, (nuint)size, value);
    }

    /// <summary>
    /// Adds what a variable is to a line: <c>name=N size=BYTES seed=FIRST wrong=BYTES status=STATUS</c>, where <c>wrong</c> counts the
    /// bytes that do not follow from the first.
    /// </summary>
    public static void Describe(RuntimeServices* services, ReadOnlySpan<byte> name, ref LogLine line)
    {
        line.Word("name"u8, name);
        char* text = stackalloc char[LongestName + 1];
        WriteName(text, name.Slice(0, name.Length > LongestName ? LongestName : name.Length));
        Guid vendor = Vendor;
        nuint size = MostBytes;
        VariableAttributes attributes = 0;
        fixed (byte* value = s_buffer.Bytes)
        {
            EfiStatus status = services->GetVariable(text, &vendor, &attributes, &size, value);
            ulong wrong = 0;
            for (nuint i = 0; !status.IsError && i < size; i++)
                wrong += value[i] == (byte)(value[0] + i) ? 0u : 1u;
            if (!status.IsError && attributes != Ordinary)
                wrong++;
            line.Number("size"u8, status.IsError ? 0 : size);
            line.Number("seed"u8, status.IsError ? 0u : value[0]);
            line.Number("wrong"u8, wrong);
            line.Hex("status"u8, status.Value);
        }
    }

    private static void WriteName(char* text, ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < name.Length; i++)
            text[i] = (char)name[i];
        text[name.Length] = '\0';
    }

    private struct Buffer
    {
        public fixed byte Bytes[MostBytes];
    }
}

using System;
using Switcher.Efi.Firmware;

namespace Switcher.Efi.Services;

/// <summary>The variables of Switcher's own vendor that mean something to it.</summary>
internal enum OwnVariable
{
    None,

    // Answered by Switcher itself; the firmware is not asked, whatever it has under these names.
    Status,
    Log,
    Next,

    // Stored by the firmware.
    Sleep,
    Guests,
    Guest,
    Timeout,
}

/// <summary>A name of a variable of Switcher's own.</summary>
internal readonly unsafe struct OwnName
{
    private const int LongestName = 32;

    public OwnVariable Variable { get; private init; }

    /// <summary>Of <see cref="OwnVariable.Guest"/>: the number in its name.</summary>
    public ushort Number { get; private init; }

    /// <summary>Whether Switcher answers it.</summary>
    public bool IsAnswered => Variable is OwnVariable.Status or OwnVariable.Log or OwnVariable.Next;

    /// <summary>
    /// Finds out what a name stands for. Names are compared exactly, as UEFI does it (UEFI 2.10, 8.2.1): any other is the firmware's.
    /// </summary>
    /// <param name="name">With a NUL at its end.</param>
    /// <param name="vendor">Its name space.</param>
    public static OwnName Of(char* name, Guid* vendor)
    {
        if (*vendor != Variables.SwitcherVendor)
            return default;
        Span<byte> text = stackalloc byte[LongestName];
        int length = 0;
        for (; name[length] != '\0'; length++)
        {
            if (length == LongestName || name[length] > 0x7F)
                return default;
            text[length] = (byte)name[length];
        }

        ReadOnlySpan<byte> word = text.Slice(0, length);
        for (OwnVariable variable = OwnVariable.Status; variable <= OwnVariable.Timeout; variable++)
        {
            if (word.SequenceEqual(TextOf(variable)) && variable != OwnVariable.Guest)
                return new OwnName { Variable = variable };
        }

        ReadOnlySpan<byte> prefix = TextOf(OwnVariable.Guest);
        return word.StartsWith(prefix) && TryParse(word.Slice(prefix.Length), out ushort number)
            ? new OwnName { Variable = OwnVariable.Guest, Number = number }
            : default;
    }

    /// <summary>A variable's name, of <see cref="OwnVariable.Guest"/> without the number.</summary>
    public static ReadOnlySpan<byte> TextOf(OwnVariable variable) => variable switch
    {
        OwnVariable.Status => "SwitcherStatus"u8,
        OwnVariable.Log => "SwitcherLog"u8,
        OwnVariable.Next => "SwitcherNext"u8,
        OwnVariable.Sleep => "SwitcherSleep"u8,
        OwnVariable.Guests => "SwitcherGuests"u8,
        OwnVariable.Timeout => "SwitcherTimeout"u8,
        _ => "SwitcherGuest"u8,
    };

    /// <summary>Four hexadecimal digits as in the name <c>Boot00A1</c> (UEFI 2.10, 3.1.1: upper case).</summary>
    private static bool TryParse(ReadOnlySpan<byte> digits, out ushort number)
    {
        number = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = "0123456789ABCDEF"u8.IndexOf(digits[i]);
            if (digit < 0)
                return false;
            number = (ushort)((number << 4) | digit);
        }

        return digits.Length == 4;
    }
}

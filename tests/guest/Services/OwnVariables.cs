using System;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Guest.Services;

/// <summary>
/// Reads and writes the variables of Switcher's own, rightly and as nobody does who means well. Nothing stays changed: other guests run by
/// the order, and by suspending.
/// </summary>
internal static unsafe class OwnVariables
{
    private const VariableAttributes Volatile = VariableAttributes.BootServiceAccess | VariableAttributes.RuntimeAccess;
    private const int Room = 4096;

    private static Guid Vendor => new(0x5e7b3c0a, 0x9d1f, 0x4c52, 0x8a, 0x66, 0x3f, 0x0c, 0x2d, 0x9b, 0x71, 0xe4);

    // Boot options have the guests' order; another guest than this one is always there.
    private static ushort Self => (ushort)Options.Seed;

    private static ushort Other => (ushort)(Self == 1 ? 2 : 1);

    public static void Run()
    {
        CheckReadOnly("SwitcherStatus", "version="u8);
        CheckReadOnly("SwitcherLog", "STEP "u8);
        CheckNext();
        CheckStored("SwitcherSleep", "never"u8);
        CheckStored("SwitcherGuest0001", "sleep=armed"u8);
        CheckStored("SwitcherGuests", "1"u8);
        CheckNames();
    }

    private static void CheckReadOnly(string name, ReadOnlySpan<byte> start)
    {
        ulong page = OwnMemory.AnyPage();
        nuint size = 0;
        VariableAttributes attributes = 0;
        Expect("the size of what Switcher answers"u8, Get(name, &attributes, &size, null), EfiStatus.BufferTooSmall);
        Report.Expect(size > 0 && attributes == Volatile, "what Switcher answers is nothing"u8, size);
        size = 1;
        Expect("what Switcher answers, into a byte"u8, Get(name, null, &size, (void*)page), EfiStatus.BufferTooSmall);
        if (size <= Room)
        {
            Expect("what Switcher answers"u8, Get(name, null, &size, (void*)page), EfiStatus.Success);
            Report.Expect(new ReadOnlySpan<byte>((void*)page, (int)size).StartsWith(start), "what Switcher answers is wrong"u8, size);
        }

        OwnMemory.Restore(page);
        Expect("a write of what is read-only"u8, Set(name, Variable.Ordinary, start), EfiStatus.WriteProtected);
        Expect("a volatile write of what is read-only"u8, Set(name, Volatile, start), EfiStatus.WriteProtected);
        Expect("deletion of what is read-only"u8, Set(name, 0, default), EfiStatus.WriteProtected);
        CheckSizes(name);
    }

    private static void CheckNext()
    {
        const string Next = "SwitcherNext";
        ushort found = 0;
        nuint size = sizeof(ushort);
        Expect("who is next, of nobody"u8, Get(Next, null, &size, &found), EfiStatus.NotFound);
        Expect("deletion of nobody"u8, Set(Next, Variable.Ordinary, default), EfiStatus.NotFound);
        Expect("nobody's number"u8, SetNumber(Next, 0x7777), EfiStatus.InvalidParameter);
        Expect("the own number"u8, SetNumber(Next, Self), EfiStatus.InvalidParameter);
        Expect("half a number"u8, Set(Next, Variable.Ordinary, "\u0001"u8), EfiStatus.InvalidParameter);
        Expect("more than a number"u8, Set(Next, Variable.Ordinary, "\u0002\0\0"u8), EfiStatus.InvalidParameter);
        CheckSizes(Next);
        Expect("who is next, after all that"u8, Get(Next, null, &size, &found), EfiStatus.NotFound);

        Expect("another's number"u8, SetNumber(Next, Other), EfiStatus.Success);
        size = sizeof(ushort);
        Expect("who is next"u8, Get(Next, null, &size, &found), EfiStatus.Success);
        Report.ExpectEqual("who is next, as a number"u8, found, Other);
        Expect("taking it back"u8, Set(Next, 0, default), EfiStatus.Success);
    }

    private static void CheckStored(string name, ReadOnlySpan<byte> bad)
    {
        Expect("a bad value"u8, Set(name, Variable.Ordinary, bad), EfiStatus.InvalidParameter);
        Expect("a value that ends within a character"u8, Set(name, Variable.Ordinary, [(byte)'o', (byte)'=', 0xE2, 0x82, (byte)'\n']),
            EfiStatus.InvalidParameter);
        Expect("a stored value that is volatile"u8, Set(name, Volatile, bad), EfiStatus.InvalidParameter);
        CheckSizes(name);
    }

    /// <summary>Sizes and attributes that there are not.</summary>
    private static void CheckSizes(string name)
    {
        nuint endless = unchecked((nuint)0x7FFF_FFFF_FFFF_0000);
        byte value = 0;
        Guid vendor = Vendor;
        fixed (char* text = name)
        {
            Expect("a value without end"u8, Firmware.Runtime->SetVariable(text, &vendor, Variable.Ordinary, endless, &value),
                EfiStatus.OutOfResources);
            Expect("attributes that there are not"u8, Firmware.Runtime->SetVariable(text, &vendor, (VariableAttributes)0x100, 1, &value),
                EfiStatus.InvalidParameter);
            Expect("a deprecated attribute"u8, Firmware.Runtime->SetVariable(text, &vendor,
                Variable.Ordinary | VariableAttributes.AuthenticatedWriteAccess, 1, &value), EfiStatus.Unsupported);
            EfiStatus appended = Firmware.Runtime->SetVariable(text, &vendor,
                Variable.Ordinary | VariableAttributes.AppendWrite, 1, &value);
            Report.Expect(appended == EfiStatus.InvalidParameter || appended == EfiStatus.WriteProtected, "something appended"u8,
                appended.Value);
        }
    }

    /// <summary>Names are compared exactly: one in another case is anybody's.</summary>
    private static void CheckNames()
    {
        const string Lower = "switcherstatus";
        nuint size = 0;
        Expect("a name in another case"u8, Get(Lower, null, &size, null), EfiStatus.NotFound);
        Expect("a write in another case"u8, Set(Lower, Variable.Ordinary, "x"u8), EfiStatus.Success);
        Expect("its deletion"u8, Set(Lower, Variable.Ordinary, default), EfiStatus.Success);
    }

    private static EfiStatus Get(string name, VariableAttributes* attributes, nuint* size, void* data)
    {
        Guid vendor = Vendor;
        fixed (char* text = name)
            return Firmware.Runtime->GetVariable(text, &vendor, attributes, size, data);
    }

    private static EfiStatus Set(string name, VariableAttributes attributes, ReadOnlySpan<byte> value)
    {
        Guid vendor = Vendor;
        fixed (char* text = name)
        fixed (byte* bytes = value)
            return Firmware.Runtime->SetVariable(text, &vendor, attributes, (nuint)value.Length, bytes);
    }

    private static EfiStatus SetNumber(string name, ushort number) =>
        Set(name, Variable.Ordinary, new ReadOnlySpan<byte>(&number, sizeof(ushort)));

    private static void Expect(ReadOnlySpan<byte> what, EfiStatus found, EfiStatus expected)
        => Report.ExpectEqual(what, found.Value, expected.Value);
}

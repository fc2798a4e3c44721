using System;
using Switcher.Agent;
using Switcher.Boot.Text;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Guest.Services;

/// <summary>The steps that write and show variables which all guests share.</summary>
internal static unsafe class SharedVariables
{
    /// <summary><c>set-variable:NAME:SIZE:SEED</c>; without size and seed, removes it.</summary>
    public static void Set(Arguments arguments)
    {
        arguments.TryNext(out ReadOnlySpan<byte> name);
        EfiStatus status = SharedVariable.Set(Firmware.Runtime, name, NextNumber(ref arguments), NextNumber(ref arguments));
        Report.ExpectEqual("SetVariable of a shared variable"u8, status.Value, 0);
    }

    /// <summary><c>show-variable:NAME</c>: writes <c>GUEST variable</c>.</summary>
    public static void Show(Arguments arguments)
    {
        arguments.TryNext(out ReadOnlySpan<byte> name);
        LogLine line = Report.Begin("variable"u8);
        SharedVariable.Describe(Firmware.Runtime, name, ref line);
        line.WriteTo<DebugPort>();
    }

    private static ulong NextNumber(ref Arguments arguments)
    {
        if (!arguments.TryNext(out ReadOnlySpan<byte> text))
            return 0;
        var words = new Words(text);
        if (!words.TryNextNumber(out ulong number))
            Report.Bad("a step has something else where a number must be"u8);
        return number;
    }
}

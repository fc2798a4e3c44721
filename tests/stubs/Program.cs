using System;
using System.Collections.Generic;
using Switcher.Build;
using Switcher.Stubs;

namespace Switcher.Tests.Stubs;

/// <summary>The machine code of the tests' own freestanding programs.</summary>
public static class Program
{
    public static IReadOnlyDictionary<string, Action<StubBuilder>> Sets { get; } = new Dictionary<string, Action<StubBuilder>>
    {
        ["setup"] = InstructionStubs.Define,
        ["guest"] = Guest,
        ["linux"] = Linux,
    };

    private static int Main(string[] arguments) => StubProgram.Run(arguments, Sets);

    private static void Guest(StubBuilder stubs)
    {
        InstructionStubs.Define(stubs);
        GuestStubs.Define(stubs);
    }

    private static void Linux(StubBuilder stubs)
    {
        InstructionStubs.DefineUnprivileged(stubs);
        LinuxStubs.Define(stubs);
    }
}

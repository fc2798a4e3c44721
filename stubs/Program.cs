using System;
using System.Collections.Generic;
using Switcher.Build;

namespace Switcher.Stubs;

/// <summary>Switcher's machine code. A new file of stubs is added here.</summary>
public static class Program
{
    public static IReadOnlyDictionary<string, Action<StubBuilder>> Sets { get; } = new Dictionary<string, Action<StubBuilder>>
    {
        ["switcher"] = Switcher,
    };

    private static int Main(string[] arguments) => StubProgram.Run(arguments, Sets);

    private static void Switcher(StubBuilder stubs)
    {
        InstructionStubs.Define(stubs);
        DebugPortStubs.Define(stubs);
        BootStubs.Define(stubs);
        ServiceStubs.Define(stubs);
        HostStubs.Define(stubs);
        SvmStubs.Define(stubs);
        VmxStubs.Define(stubs);
    }
}

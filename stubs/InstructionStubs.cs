using Switcher.Build;

namespace Switcher.Stubs;

/// <summary>The instructions that C# cannot express, one stub for each.</summary>
public static class InstructionStubs
{
    /// <summary>What a program with all privileges may use.</summary>
    public static void Define(StubBuilder stubs)
    {
        DefineUnprivileged(stubs);
        PortStubs.Define(stubs);
        RegisterStubs.Define(stubs);
        SegmentStubs.Define(stubs);
        ControlStubs.Define(stubs);
    }

    /// <summary>What any program may use.</summary>
    public static void DefineUnprivileged(StubBuilder stubs) => CpuidStubs.Define(stubs);
}

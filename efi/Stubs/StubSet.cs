using System;

namespace Switcher.Stubs;

/// <summary>Which stubs a kind of program gets: a new file of stubs is added here.</summary>
public static class StubSet
{
    /// <summary>For UEFI programs.</summary>
    public static void Efi(StubBuilder stubs)
    {
        RuntimeStubs.Define(stubs);
        MemoryStubs.Define(stubs);
        PortStubs.Define(stubs);
        RegisterStubs.Define(stubs);
        SegmentStubs.Define(stubs);
        ControlStubs.Define(stubs);
    }

    /// <summary>The set of a <c>FreestandingKind</c>.</summary>
    public static void Define(string kind, StubBuilder stubs)
    {
        switch (kind)
        {
            case "efi":
                Efi(stubs);
                break;
            default:
                throw new ArgumentException($"no stubs for programs of kind {kind}");
        }
    }
}

using System;

namespace Switcher.Stubs;

/// <summary>Which stubs a kind of program gets. A new file of stubs is added here.</summary>
public static class StubSet
{
    /// <summary>The values of <c>FreestandingKind</c>.</summary>
    public static ReadOnlySpan<string> Kinds => new[] { "efi", "switcher", "guest", "linux" };

    /// <summary>Defines the stubs of one kind of program.</summary>
    public static void Define(string kind, StubBuilder stubs)
    {
        RuntimeStubs.Define(stubs);
        MemoryStubs.Define(stubs);
        CpuidStubs.Define(stubs);
        PortStubs.Define(stubs);
        switch (kind)
        {
            case "efi":
                Uefi(stubs);
                break;
            case "switcher":
                Uefi(stubs);
                BootStubs.Define(stubs);
                HostStubs.Define(stubs);
                SvmStubs.Define(stubs);
                VmxStubs.Define(stubs);
                break;
            case "guest":
                Uefi(stubs);
                GuestStubs.Define(stubs);
                break;
            case "linux":
                LinuxStubs.Define(stubs);
                break;
            default:
                throw new ArgumentException($"no stubs for programs of kind {kind}");
        }
    }

    private static void Uefi(StubBuilder stubs)
    {
        RegisterStubs.Define(stubs);
        SegmentStubs.Define(stubs);
        ControlStubs.Define(stubs);
    }
}

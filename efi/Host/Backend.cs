using Switcher.Efi.Cpu;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Efi.Host;

/// <summary>Which vendor's extension this machine has. Asked for once; behind it everything is resolved at compile time.</summary>
internal enum Backend
{
    Svm,
    Vmx,
}

/// <summary>What depends on the vendor before the launch.</summary>
internal static class Backends
{
    /// <summary>SVM where CPUID offers it, otherwise VMX, which then says what is missing.</summary>
    public static Backend Detect() => CpuFeatures<Platform>.HasSvm ? Backend.Svm : Backend.Vmx;

    /// <summary>Whether the CPU that executes this shows an extension: one that is a guest of ours does not.</summary>
    public static bool IsOffered() => CpuFeatures<Platform>.HasSvm || CpuFeatures<Platform>.HasVmx;

    /// <summary>What this machine lacks.</summary>
    public static Status Check(Backend backend) => backend == Backend.Vmx ? Vmx<Platform>.Check() : Svm<Platform>.Check();

    /// <summary>The largest page that a nested page table can have, in bytes.</summary>
    public static ulong LargestNestedPage(Backend backend)
        => backend == Backend.Vmx ? VmxCapabilities.Read<Platform>().Ept.LargestPage : CpuFeatures<Platform>.LargestPage;

    /// <summary>Writes the machine-wide structures.</summary>
    public static void InitializeMachine(Backend backend, ref HypervisorState state)
    {
        if (backend == Backend.Vmx)
            Vmx<Platform>.InitializeMachine(ref state);
        else
            Svm<Platform>.InitializeMachine(ref state);
    }

    /// <summary>The name in the log.</summary>
    public static System.ReadOnlySpan<byte> Name(Backend backend) => backend == Backend.Vmx ? "vmx"u8 : "svm"u8;

    /// <summary>A hypercall of the boot side, from a CPU that is a guest.</summary>
    public static ulong Call(Backend backend, ulong number, ulong first, ulong second)
        => backend == Backend.Vmx ? HostStubs.HypercallVmx(number, first, second) : HostStubs.HypercallSvm(number, first, second);
}

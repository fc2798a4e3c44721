using System;
using Switcher.Efi.Cpu;

namespace Switcher.Tests.Guest.Cpus;

/// <summary>What this kind of processor has, and what of it the guest switches on.</summary>
internal static unsafe class Features
{
    private const ulong Cr4OsXsave = 1 << 18;
    private const uint Xsave = 1 << 26;
    private const uint Vmx = 1 << 5;
    private const uint Svm = 1 << 2;
    private const uint X2Apic = 1 << 21;
    private const uint Rdtscp = 1 << 27;
    private const uint Amd = 0x6874_7541;           // "Auth", the beginning of AuthenticAMD

    public static bool HasXsave => (Cpuid(1, 0, 2) & Xsave) != 0;

    public static bool HasX2Apic => (Cpuid(1, 0, 2) & X2Apic) != 0;

    public static bool HasRdtscp => (Cpuid(0x8000_0001, 0, 3) & Rdtscp) != 0;

    public static bool IsAmd => Cpuid(0, 0, 1) == Amd;

    /// <summary>The virtualization extension that the processor says it has: none behind the hypervisor.</summary>
    public static ReadOnlySpan<byte> Extension =>
        (Cpuid(1, 0, 2) & Vmx) != 0 ? "vmx"u8 : (Cpuid(0x8000_0001, 0, 2) & Svm) != 0 ? "svm"u8 : "none"u8;

    /// <summary>Processor signature: what EDX holds after a reset.</summary>
    public static uint SignatureOfProcessor => Cpuid(1, 0, 0);

    /// <summary>One of EAX, EBX, ECX and EDX (0 to 3) of a leaf.</summary>
    public static uint Cpuid(uint leaf, uint subleaf, int register)
    {
        uint* result = stackalloc uint[4];
        Instructions.Cpuid(leaf, subleaf, result);
        return result[register];
    }

    /// <summary>Lets the processor that executes this use XSAVE.</summary>
    public static void Enable()
    {
        if (HasXsave)
            Instructions.WriteCr4(Instructions.ReadCr4() | Cr4OsXsave);
    }
}

using Switcher.Efi.Cpu;
using Switcher.Tests.Guest.Cpus;

namespace Switcher.Tests.Guest.Misbehaviour;

/// <summary>What CPUID says: no virtualization extension, and otherwise the truth about this very processor.</summary>
internal static unsafe class Identity
{
    private const uint Vmx = 1 << 5;
    private const uint Smx = 1 << 6;
    private const uint OsXsave = 1 << 27;
    private const uint Svm = 1 << 2;
    private const ulong Cr4OsXsave = 1 << 18;

    public static void Check()
    {
        for (int i = 0; i < Processors.Count; i++)
            Processors.Run(Processors.At(i), &CheckOne, 0);
    }

    private static ulong CheckOne(Cpu* cpu, ulong ignored)
    {
        Report.ExpectEqual("CPUID: VMX and SMX"u8, Features.Cpuid(1, 0, 2) & (Vmx | Smx), 0);
        Report.ExpectEqual("CPUID: SVM"u8, Features.Cpuid(0x8000_0001, 0, 2) & Svm, 0);
        for (int register = 0; register < 4 && Features.IsAmd; register++)
            Report.ExpectEqual("CPUID: SVM revision and features"u8, Features.Cpuid(0x8000_000A, 0, register), 0);
        Report.ExpectEqual("CPUID: APIC ID"u8, Features.Cpuid(1, 0, 1) >> 24, cpu->ApicId);
        if (Features.HasXsave)
            CheckOsXsave();
        return 0;
    }

    /// <summary>A feature bit that follows CR4: the guest's, not the hypervisor's.</summary>
    private static void CheckOsXsave()
    {
        ulong cr4 = Instructions.ReadCr4();
        Instructions.WriteCr4(cr4 & ~Cr4OsXsave);
        Report.ExpectEqual("CPUID: OSXSAVE with CR4.OSXSAVE clear"u8, Features.Cpuid(1, 0, 2) & OsXsave, 0);
        Instructions.WriteCr4(cr4 | Cr4OsXsave);
        Report.ExpectEqual("CPUID: OSXSAVE with CR4.OSXSAVE set"u8, Features.Cpuid(1, 0, 2) & OsXsave, OsXsave);
        Instructions.WriteCr4(cr4);
    }
}

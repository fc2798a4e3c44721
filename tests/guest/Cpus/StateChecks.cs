using Switcher.Tests.Stubs.Shared;

namespace Switcher.Tests.Guest.Cpus;

/// <summary>Compares what a processor found in real mode with what the specifications promise.</summary>
internal static unsafe class StateChecks
{
    private const uint ProtectedMode = 1;
    private const uint Paging = 1u << 31;
    private const uint Interrupt = 1 << 9;
    private const uint ArithmeticFlags = 0x8D5;          // already changed by the code that takes the record
    private const uint LongModeActive = 1 << 10;
    private const uint Dr6AfterReset = 0xFFFF_0FF0;
    private const uint Dr7AfterReset = 0x400;
    private const ushort FpuAfterReset = 0x0040;
    private const ushort FpuAfterInitialize = 0x037F;

    /// <summary>
    /// A start-up interrupt: SDM vol. 3, table 9-1 "IA-32 and Intel 64 Processor States Following Power-up, Reset, or INIT", and 9.4.3 "MP
    /// Initialization Protocol Algorithm" for CS.
    /// </summary>
    public static void CheckStarted(Cpu* cpu)
    {
        FoundState* found = &cpu->Found;
        CheckRealMode(found);
        Report.ExpectEqual("start: CS"u8, found->Cs, (ulong)Trampoline.StartupVector << 8);
        CheckReset(found);
        cpu->FoundApic.Check();
    }

    /// <summary>The waking vector: ACPI 6.5, table 5.12, Firmware_Waking_Vector.</summary>
    /// <param name="vector">Where the guest asked to be woken.</param>
    public static void CheckWoken(FoundState* found, uint vector)
    {
        CheckRealMode(found);
        Report.ExpectEqual("wake: CS"u8, Trampoline.ArrivalCs, vector >> 4);
        if (!Options.IsStateStrict)
            return;
        CheckReset(found);
        bool isControlWordKnown = found->FpuControlWord is FpuAfterReset or FpuAfterInitialize;
        Report.Expect(isControlWordKnown, "wake: x87 control word"u8, found->FpuControlWord);
        Report.ExpectEqual("wake: x87 status word"u8, found->FpuStatusWord, 0);
        Report.ExpectEqual("wake: MXCSR"u8, found->Mxcsr, 0x1F80);
        Report.ExpectEqual("wake: EFER"u8, found->Efer, 0);
        Report.ExpectEqual("wake: ESP"u8, Trampoline.Parameters->WakeEsp, 0);
    }

    private static void CheckRealMode(FoundState* found)
    {
        Report.Expect((found->Cr0 & (ProtectedMode | Paging)) == 0, "real mode: CR0"u8, found->Cr0);
        Report.Expect((found->Eflags & Interrupt) == 0, "real mode: EFLAGS"u8, found->Eflags);
        Report.Expect((found->Efer & LongModeActive) == 0, "real mode: EFER"u8, found->Efer);
    }

    private static void CheckReset(FoundState* found)
    {
        Report.ExpectEqual("reset state: CR2"u8, found->Cr2, 0);
        Report.ExpectEqual("reset state: CR3"u8, found->Cr3, 0);
        Report.ExpectEqual("reset state: CR4"u8, found->Cr4, 0);
        Report.ExpectEqual("reset state: DR6"u8, found->Dr6, Dr6AfterReset);
        Report.ExpectEqual("reset state: DR7"u8, found->Dr7, Dr7AfterReset);
        Report.ExpectEqual("reset state: EFLAGS"u8, found->Eflags & ~ArithmeticFlags, 2);
        Report.ExpectEqual("reset state: segments"u8, (uint)(found->Ds | found->Es | found->Ss | found->Fs | found->Gs), 0);

        // EDX has the processor's signature after a reset; whatever else a register holds could be another guest's.
        bool isEdxKnown = found->Edx == 0 || found->Edx == Features.SignatureOfProcessor;
        Report.Expect(isEdxKnown, "reset state: EDX"u8, found->Edx);
        Report.ExpectEqual("reset state: general registers"u8,
            found->Eax | found->Ebx | found->Ecx | found->Esi | found->Edi | found->Ebp, 0);
    }
}

using System;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Tests.Guest.Cpus;

namespace Switcher.Tests.Guest.Misbehaviour;

/// <summary>
/// Model-specific registers that this processor does not have or that take no such value. Bare hardware answers #GP; an emulator may read
/// zero and ignore writes instead. Nothing else can be right, and nothing that is written may stay.
/// </summary>
internal static unsafe class ModelSpecific
{
    private const uint Efer = 0xC000_0080;
    private const ulong LongModeEnable = 1 << 8;
    private const ulong SvmEnable = 1 << 12;
    private const uint FeatureControl = 0x3A;
    private const uint VmCr = 0xC001_0114;
    private const ulong Pattern = 0x5A5A_0000_5A5A_0000;

    /// <summary>
    /// VM_HSAVE_PA, SVM_KEY, the VMX capabilities, numbers of other hypervisors' registers, and numbers of nothing.
    /// </summary>
    private static ReadOnlySpan<uint> Absent =>
    [
        0xC001_0117, 0xC001_0118, 0x480, 0x481, 0x485, 0x48B, 0x48C, 0x491, 0x4000_0000, 0x4000_0020, 0x4B56_4D00, 0x1234_5678, 0xC000_1000,
        0xC001_2000, 0x2000, uint.MaxValue,
    ];

    public static void Try()
    {
        for (int i = 0; i < Processors.Count; i++)
            Processors.Run(Processors.At(i), &TryAll, 0);
    }

    private static ulong TryAll(Cpu* cpu, ulong ignored)
    {
        ReadOnlySpan<uint> absent = Absent;
        for (int i = 0; i < absent.Length; i++)
            ExpectAbsent(absent[i]);
        TryEfer();
        TryLocks();
        return 0;
    }

    private static void ExpectAbsent(uint register)
    {
        Outcome before = Attempt.ReadMsr(register);
        Outcome write = Attempt.WriteMsr(register, Pattern);
        Outcome after = Attempt.ReadMsr(register);
        bool isAbsent = IsNothing(before) && (write.IsGeneralProtection || write.IsDone) && IsNothing(after);
        if (isAbsent)
            return;
        LogLine line = Report.BeginBad("an MSR is there that must not be"u8);
        line.Hex("register"u8, register);
        line.Number("vector"u8, before.Vector);
        line.Hex("before"u8, before.Value);
        line.Hex("after"u8, after.Value);
        line.WriteTo<DebugPort>();
    }

    private static bool IsNothing(Outcome read) => read.IsGeneralProtection || (read.IsDone && read.Value == 0);

    /// <summary>
    /// APM vol. 2, 3.1.7: reserved bits, and LME while paging is on, are #GP. SVME is reserved on a processor without SVM.
    /// </summary>
    private static void TryEfer()
    {
        ulong efer = Instructions.ReadMsr(Efer);
        Report.ExpectEqual("EFER shows SVME"u8, efer & SvmEnable, 0);
        ulong* values = stackalloc ulong[] { efer | SvmEnable, efer ^ LongModeEnable, efer | (1UL << 63), efer | 2 };
        for (int i = 0; i < 4; i++)
        {
            Outcome outcome = Attempt.WriteMsr(Efer, values[i]);
            Report.Expect(outcome.IsGeneralProtection, "EFER takes a wrong value"u8, values[i]);
            Report.ExpectEqual("EFER after a refused write"u8, Instructions.ReadMsr(Efer), efer);
        }
    }

    /// <summary>The registers with which firmware switches virtualization off: they say that it did, and cannot be changed.</summary>
    private static void TryLocks()
    {
        const ulong lockedOffOrAbsent = 1;
        const ulong svmOffAndLocked = 0x18;
        uint register = Features.IsAmd ? VmCr : FeatureControl;
        ulong expected = Features.IsAmd ? svmOffAndLocked : lockedOffOrAbsent;
        Outcome before = Attempt.ReadMsr(register);
        Report.Expect(IsNothing(before) || before.Value == expected, "virtualization does not look switched off"u8, before.Value);
        Attempt.WriteMsr(register, 0);
        Attempt.WriteMsr(register, 5);
        Outcome after = Attempt.ReadMsr(register);
        Report.ExpectEqual("virtualization's lock opens"u8, after.Value, before.Value);
    }
}

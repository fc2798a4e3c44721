using System;
using System.Runtime.InteropServices;
using Switcher.Agent;
using Switcher.Efi.Cpu;
using Switcher.Tests.Guest.Cpus;

namespace Switcher.Tests.Guest.Misbehaviour;

/// <summary>
/// <c>control</c>: control registers with values that must take effect, XCR0 also with values that fault. <c>control:cr0:cr4</c>: CR0 and
/// CR4 with values that fault as well, which not every emulator knows. SDM vol. 3, 2.5 "Control Registers" and 2.6 "Extended Control
/// Registers".
/// </summary>
internal static unsafe class ControlRegisters
{
    private const ulong Vmxe = 1 << 13;
    private const ulong Smxe = 1 << 14;
    private const ulong PhysicalAddressExtension = 1 << 5;
    private const ulong PageGlobal = 1 << 7;
    private const ulong ReservedCr4 = 1UL << 40;
    private const ulong Protection = 1;
    private const ulong NotWritethrough = 1 << 29;
    private const ulong CacheDisable = 1 << 30;
    private const ulong WriteProtect = 1 << 16;

    public static void Try(Arguments arguments)
    {
        delegate*<Cpu*, ulong, ulong> tryAll = &TryTaken;
        for (int i = 0; i < Processors.Count; i++)
            Processors.Run(Processors.At(i), tryAll, 0);
        while (arguments.TryNext(out ReadOnlySpan<byte> register))
        {
            tryAll = Words.Same(register, "cr0"u8) ? &TryReservedCr0 : &TryReservedCr4;
            for (int i = 0; i < Processors.Count; i++)
                Processors.Run(Processors.At(i), tryAll, 0);
        }
    }

    private static ulong TryTaken(Cpu* cpu, ulong ignored)
    {
        TryTaken();
        if (Features.HasXsave)
            TryXcr0();
        return 0;
    }

    private static ulong TryReservedCr4(Cpu* cpu, ulong ignored)
    {
        ulong cr4 = Instructions.ReadCr4();
        delegate* unmanaged<ulong, ulong, ulong> write = &WriteCr4;
        ulong* refused = stackalloc ulong[] { cr4 | Vmxe, cr4 | Smxe, cr4 | ReservedCr4, cr4 & ~PhysicalAddressExtension };
        for (int i = 0; i < 4; i++)
        {
            Outcome outcome = Attempt.Run(write, refused[i], 0);
            Report.Expect(outcome.IsGeneralProtection || Instructions.ReadCr4() == cr4, "CR4 takes a wrong value"u8, refused[i]);
        }

        return 0;
    }

    private static ulong TryReservedCr0(Cpu* cpu, ulong ignored)
    {
        ulong cr0 = Instructions.ReadCr0();
        delegate* unmanaged<ulong, ulong, ulong> write = &WriteCr0;
        ulong* refused = stackalloc ulong[] { cr0 & ~Protection, cr0 | NotWritethrough, cr0 | (1UL << 40) };
        for (int i = 0; i < 3; i++)
        {
            Outcome outcome = Attempt.Run(write, refused[i], 0);
            Report.Expect(outcome.IsGeneralProtection || Instructions.ReadCr0() == cr0, "CR0 takes a wrong value"u8, refused[i]);
        }

        return 0;
    }

    private static void TryTaken()
    {
        ulong cr4 = Instructions.ReadCr4();
        Instructions.WriteCr4(cr4 ^ PageGlobal);
        Report.ExpectEqual("CR4.PGE"u8, Instructions.ReadCr4(), cr4 ^ PageGlobal);
        Instructions.WriteCr4(cr4);

        ulong cr0 = Instructions.ReadCr0();
        ulong* taken = stackalloc ulong[] { cr0 ^ WriteProtect, cr0 | CacheDisable };
        for (int i = 0; i < 2; i++)
        {
            Instructions.WriteCr0(taken[i]);
            Report.ExpectEqual("CR0"u8, Instructions.ReadCr0(), taken[i]);
        }

        Instructions.WriteCr0(cr0);
    }

    private static void TryXcr0()
    {
        ulong xcr0 = Instructions.Xgetbv(0);
        ulong all = Features.Cpuid(0xD, 0, 0);
        delegate* unmanaged<ulong, ulong, ulong> write = &WriteXcr;

        // Without x87; AVX without SSE; what the processor does not have; a register that does not exist.
        ulong* refused = stackalloc ulong[] { 0, 5, all | (1UL << 62), 1 };
        for (uint i = 0; i < 4; i++)
        {
            Outcome outcome = Attempt.Run(write, i == 3 ? 1u : 0, refused[i]);
            Report.Expect(outcome.IsGeneralProtection, "XCR0 takes a wrong value"u8, refused[i]);
            Report.ExpectEqual("XCR0 after a refused write"u8, Instructions.Xgetbv(0), xcr0);
        }

        Instructions.Xsetbv(0, all);
        Report.ExpectEqual("XCR0"u8, Instructions.Xgetbv(0), all);
        Instructions.Xsetbv(0, xcr0);
    }

    [UnmanagedCallersOnly]
    private static ulong WriteCr4(ulong value, ulong ignored)
    {
        Instructions.WriteCr4(value);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static ulong WriteCr0(ulong value, ulong ignored)
    {
        Instructions.WriteCr0(value);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static ulong WriteXcr(ulong register, ulong value)
    {
        Instructions.Xsetbv((uint)register, value);
        return 0;
    }
}

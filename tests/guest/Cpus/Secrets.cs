using System;
using Switcher.Efi.Cpu;

namespace Switcher.Tests.Guest.Cpus;

/// <summary>
/// A guest's values in registers that only an operating system sets. Every processor carries them into a sleep, and finds none after it:
/// neither its own nor another guest's.
/// </summary>
internal static unsafe class Secrets
{
    private const uint TscAux = 0xC000_0103;
    private const ulong XsaveComponents = 7;            // x87, SSE, AVX
    private const ulong Avx = 4;
    private const int XsaveHeaderOffset = 512;
    private const int LegacyRegistersOffset = 32;
    private const ushort ControlWord = 0x0F7F;      // rounds towards zero
    private const uint Mxcsr = 0x7F80;              // the same

    /// <summary>Sets them on a processor. It breaks registers that a caller owns: only for one that is about to sleep.</summary>
    public static ulong Plant(Cpu* cpu, ulong seed)
    {
        ulong secret = (seed + 1) * 0x0101_0101_0101;
        ReadOnlySpan<uint> registers = Registers;
        for (int i = 0; i < registers.Length; i++)
            Instructions.WriteMsr(registers[i], secret);
        if (Features.HasRdtscp)
            Instructions.WriteMsr(TscAux, (uint)secret);
        Instructions.WriteDr0(secret);
        Instructions.WriteDr1(secret);
        Instructions.WriteDr2(secret);
        Instructions.WriteDr3(secret);
        Instructions.WriteCr2(secret);
        PlantExtendedState(secret);
        return 0;
    }

    /// <summary>Looks for any on a processor that has just started or woken.</summary>
    /// <returns>The number of the first register that holds something, or 0.</returns>
    public static ulong Find(Cpu* cpu, ulong ignored)
    {
        ReadOnlySpan<uint> registers = Registers;
        for (int i = 0; i < registers.Length; i++)
        {
            if (Instructions.ReadMsr(registers[i]) != 0)
                return registers[i];
        }

        if (Features.HasRdtscp && Instructions.ReadMsr(TscAux) != 0)
            return TscAux;
        if ((Instructions.ReadDr0() | Instructions.ReadDr1() | Instructions.ReadDr2() | Instructions.ReadDr3()) != 0)
            return 0xD0;
        return FindExtendedState();
    }

    /// <summary>
    /// LSTAR, CSTAR, SFMASK, KERNEL_GS_BASE, SYSENTER_ESP, SYSENTER_EIP: zero after a reset. All take any canonical address.
    /// </summary>
    private static ReadOnlySpan<uint> Registers => [0xC000_0082, 0xC000_0083, 0xC000_0084, 0xC000_0102, 0x175, 0x176];

    private static void PlantExtendedState(ulong secret)
    {
        if (!Features.HasXsave)
            return;
        byte* area = stackalloc byte[4096 + 64];
        area = (byte*)(((ulong)area + 63) & ~63UL);
        new Span<byte>(area, 4096).Clear();
        ulong components = XsaveComponents & Features.Cpuid(0xD, 0, 0);
        Instructions.Xsetbv(0, components);
        Instructions.Xsave(area, components);
        for (int offset = LegacyRegistersOffset; offset < 416; offset += 8)
            *(ulong*)(area + offset) = secret;
        if ((components & Avx) != 0)
            new Span<byte>(area + Features.Cpuid(0xD, 2, 1), 256).Fill((byte)secret);
        *(ulong*)(area + XsaveHeaderOffset) = components;
        *(ushort*)area = ControlWord;
        *(uint*)(area + 24) = Mxcsr;
        Instructions.Xrstor(area, components);
    }

    private static ulong FindExtendedState()
    {
        if (!Features.HasXsave)
            return 0;
        const ulong x87Only = 1;
        const ulong xcr0 = 0x1000_0000;
        const ulong upperHalves = 0x1000_0001;
        if (Instructions.Xgetbv(0) != x87Only)
            return xcr0;
        ulong components = XsaveComponents & Features.Cpuid(0xD, 0, 0);
        if ((components & Avx) == 0)
            return 0;
        byte* area = stackalloc byte[4096 + 64];
        area = (byte*)(((ulong)area + 63) & ~63UL);
        new Span<byte>(area, 4096).Clear();
        Instructions.Xsetbv(0, components);
        Instructions.Xsave(area, components);
        ulong* upper = (ulong*)(area + Features.Cpuid(0xD, 2, 1));
        ulong any = 0;
        for (int i = 0; i < 32; i++)
            any |= upper[i];
        return any != 0 ? upperHalves : 0;
    }
}

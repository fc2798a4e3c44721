using System;
using System.Collections.Generic;
using Switcher.Hv.Cpu;

namespace Switcher.Efi.Cpu;

/// <summary>The instructions that the boot side uses, on a processor that has what a test wants.</summary>
internal static unsafe class Instructions
{
    private static readonly byte[] s_gdt = GC.AllocateArray<byte>(64, pinned: true);

    /// <summary>Whether CPUID offers pages of 1 GiB.</summary>
    internal static bool HasHugePages { get; set; } = true;

    /// <summary>CPUID 8000_0008h, EAX[7:0].</summary>
    internal static uint PhysicalAddressBits { get; set; } = 36;

    /// <summary>The doublewords of PCI configuration space that there are, by what port CF8h takes to select one.</summary>
    internal static Dictionary<uint, uint> PciRegisters { get; } = [];

    /// <summary>MSRs that are not 0. With any MTRR among them CPUID offers MTRRs.</summary>
    internal static Dictionary<uint, ulong> Msrs { get; } = [];

    private static uint s_selected;
    private static ulong s_ticks;

    /// <summary>CLI was executed.</summary>
    internal static bool AreInterruptsOff { get; set; }

    internal static void Cpuid(uint leaf, uint subleaf, uint* result)
    {
        new Span<uint>(result, 4).Clear();
        switch (leaf)
        {
            case 1:
                result[3] = Msrs.ContainsKey(Msr.MtrrCap) ? 1u << 12 : 0;
                break;
            case 0x8000_0000:
                result[0] = 0x8000_0008;
                break;
            case 0x8000_0001:
                result[3] = HasHugePages ? 1u << 26 : 0;
                break;
            case 0x8000_0008:
                result[0] = PhysicalAddressBits;
                break;
        }
    }

    internal static ulong ReadCr4() => 0;

    internal static ushort ReadCs() => 0x38;

    internal static void Cli() => AreInterruptsOff = true;

    internal static void Sgdt(void* descriptor)
    {
        *(ushort*)descriptor = (ushort)(s_gdt.Length - 1);
        fixed (byte* gdt = s_gdt)
            *(ulong*)((byte*)descriptor + 2) = (ulong)gdt;
    }

    internal static byte In8(ushort port) => throw new NotSupportedException();

    internal static ushort In16(ushort port) => throw new NotSupportedException();

    internal static uint In32(ushort port) =>
        port == 0xCFC ? PciRegisters.GetValueOrDefault(s_selected, uint.MaxValue) : throw new NotSupportedException();

    internal static void Out8(ushort port, byte value) => throw new NotSupportedException();

    internal static void Out16(ushort port, ushort value) => throw new NotSupportedException();

    internal static void Out32(ushort port, uint value) =>
        s_selected = port == 0xCF8 ? value : throw new NotSupportedException();

    internal static ulong ReadMsr(uint register) => Msrs.GetValueOrDefault(register);

    internal static void WriteMsr(uint register, ulong value) => throw new NotSupportedException();

    internal static ulong ReadTsc() => s_ticks += 1000;

    internal static ulong Xgetbv(uint register) => throw new NotSupportedException();

    internal static void Xsetbv(uint register, ulong value) => throw new NotSupportedException();

    internal static ulong ReadCr0() => throw new NotSupportedException();

    internal static void WriteCr0(ulong value) => throw new NotSupportedException();

    internal static ulong ReadCr2() => throw new NotSupportedException();

    internal static void WriteCr2(ulong value) => throw new NotSupportedException();

    internal static ulong ReadCr3() => throw new NotSupportedException();

    internal static void WriteCr3(ulong value) => throw new NotSupportedException();

    internal static void WriteCr4(ulong value) => throw new NotSupportedException();

    internal static ulong ReadCr8() => throw new NotSupportedException();

    internal static void WriteCr8(ulong value) => throw new NotSupportedException();

    internal static ulong ReadDr0() => throw new NotSupportedException();

    internal static void WriteDr0(ulong value) => throw new NotSupportedException();

    internal static ulong ReadDr1() => throw new NotSupportedException();

    internal static void WriteDr1(ulong value) => throw new NotSupportedException();

    internal static ulong ReadDr2() => throw new NotSupportedException();

    internal static void WriteDr2(ulong value) => throw new NotSupportedException();

    internal static ulong ReadDr3() => throw new NotSupportedException();

    internal static void WriteDr3(ulong value) => throw new NotSupportedException();

    internal static ulong ReadDr6() => throw new NotSupportedException();

    internal static void WriteDr6(ulong value) => throw new NotSupportedException();

    internal static ulong ReadDr7() => throw new NotSupportedException();

    internal static void WriteDr7(ulong value) => throw new NotSupportedException();

    internal static ulong ReadFlags() => throw new NotSupportedException();

    internal static void Lgdt(void* descriptor) => throw new NotSupportedException();

    internal static void Lidt(void* descriptor) => throw new NotSupportedException();

    internal static void Sidt(void* descriptor) => throw new NotSupportedException();

    internal static void Ltr(ushort selector) => throw new NotSupportedException();

    internal static ushort Str() => throw new NotSupportedException();

    internal static void Lldt(ushort selector) => throw new NotSupportedException();

    internal static ushort Sldt() => throw new NotSupportedException();

    internal static void WriteCs(ushort selector) => throw new NotSupportedException();

    internal static ushort ReadDs() => throw new NotSupportedException();

    internal static void WriteDs(ushort selector) => throw new NotSupportedException();

    internal static ushort ReadEs() => throw new NotSupportedException();

    internal static void WriteEs(ushort selector) => throw new NotSupportedException();

    internal static ushort ReadFs() => throw new NotSupportedException();

    internal static void WriteFs(ushort selector) => throw new NotSupportedException();

    internal static ushort ReadGs() => throw new NotSupportedException();

    internal static void WriteGs(ushort selector) => throw new NotSupportedException();

    internal static ushort ReadSs() => throw new NotSupportedException();

    internal static void WriteSs(ushort selector) => throw new NotSupportedException();

    internal static void Pause() => throw new NotSupportedException();

    internal static void Hlt() => throw new NotSupportedException();

    internal static void Sti() => throw new NotSupportedException();

    internal static void Clgi() => throw new NotSupportedException();

    internal static void Stgi() => throw new NotSupportedException();

    internal static void Wbinvd() => throw new NotSupportedException();

    internal static void Mfence() => throw new NotSupportedException();

    internal static void Invlpg(void* address) => throw new NotSupportedException();

    internal static void Fxsave(void* area) => throw new NotSupportedException();

    internal static void Fxrstor(void* area) => throw new NotSupportedException();

    internal static void Xsave(void* area, ulong components) => throw new NotSupportedException();

    internal static void Xrstor(void* area, ulong components) => throw new NotSupportedException();
}

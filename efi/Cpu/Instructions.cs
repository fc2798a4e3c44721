using System.Runtime;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Switcher.Efi.Cpu;

/// <summary>
/// The instructions that C# cannot express. Each is a stub of the same name, <c>stubs/InstructionStubs.cs</c>. An instruction that the
/// processor refuses (a register that it lacks, a bad selector) faults, as everywhere.
/// </summary>
internal static unsafe class Instructions
{
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern byte In8(ushort port);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ushort In16(ushort port);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern uint In32(ushort port);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Out8(ushort port, byte value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Out16(ushort port, ushort value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Out32(ushort port, uint value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadMsr(uint register);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteMsr(uint register, ulong value);

    /// <summary>Puts EAX, EBX, ECX and EDX into four integers.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Cpuid(uint leaf, uint subleaf, uint* result);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadTsc();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong Xgetbv(uint register);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Xsetbv(uint register, ulong value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadCr0();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteCr0(ulong value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadCr2();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteCr2(ulong value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadCr3();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteCr3(ulong value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadCr4();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteCr4(ulong value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadCr8();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteCr8(ulong value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadDr0();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteDr0(ulong value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadDr1();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteDr1(ulong value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadDr2();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteDr2(ulong value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadDr3();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteDr3(ulong value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadDr6();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteDr6(ulong value);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadDr7();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteDr7(ulong value);

    /// <summary>RFLAGS.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadFlags();

    /// <summary>The descriptor is ten bytes: limit and base.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Lgdt(void* descriptor);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Lidt(void* descriptor);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Sgdt(void* descriptor);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Sidt(void* descriptor);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Ltr(ushort selector);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ushort Str();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Lldt(ushort selector);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ushort Sldt();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ushort ReadCs();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteCs(ushort selector);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ushort ReadDs();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteDs(ushort selector);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ushort ReadEs();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteEs(ushort selector);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ushort ReadFs();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteFs(ushort selector);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ushort ReadGs();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteGs(ushort selector);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ushort ReadSs();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WriteSs(ushort selector);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Pause();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Hlt();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Cli();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Sti();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Clgi();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Stgi();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Wbinvd();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Mfence();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Invlpg(void* address);

    /// <summary>512 bytes on a multiple of 16.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Fxsave(void* area);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Fxrstor(void* area);

    /// <summary>On a multiple of 64; its size is what CPUID leaf 0xD says for the components.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Xsave(void* area, ulong components);
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Xrstor(void* area, ulong components);
}

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Switcher.Efi.Cpu;

/// <summary>
/// The instructions that C# cannot express. Each is a machine-code stub from <c>efi/Stubs</c> under the same name. An instruction that the
/// processor refuses (a register that it lacks, a bad selector) faults, as everywhere.
/// </summary>
internal static unsafe class Instructions
{
    [RuntimeImport("*", "In8")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern byte In8(ushort port);

    [RuntimeImport("*", "In16")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ushort In16(ushort port);

    [RuntimeImport("*", "In32")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern uint In32(ushort port);

    [RuntimeImport("*", "Out8")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Out8(ushort port, byte value);

    [RuntimeImport("*", "Out16")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Out16(ushort port, ushort value);

    [RuntimeImport("*", "Out32")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Out32(ushort port, uint value);

    [RuntimeImport("*", "ReadMsr")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadMsr(uint register);

    [RuntimeImport("*", "WriteMsr")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteMsr(uint register, ulong value);

    /// <summary>Puts EAX, EBX, ECX and EDX into four integers.</summary>
    [RuntimeImport("*", "Cpuid")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Cpuid(uint leaf, uint subleaf, uint* result);

    [RuntimeImport("*", "ReadTsc")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadTsc();

    [RuntimeImport("*", "Xgetbv")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong Xgetbv(uint register);

    [RuntimeImport("*", "Xsetbv")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Xsetbv(uint register, ulong value);

    [RuntimeImport("*", "ReadCr0")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadCr0();

    [RuntimeImport("*", "WriteCr0")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteCr0(ulong value);

    [RuntimeImport("*", "ReadCr2")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadCr2();

    [RuntimeImport("*", "WriteCr2")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteCr2(ulong value);

    [RuntimeImport("*", "ReadCr3")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadCr3();

    [RuntimeImport("*", "WriteCr3")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteCr3(ulong value);

    [RuntimeImport("*", "ReadCr4")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadCr4();

    [RuntimeImport("*", "WriteCr4")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteCr4(ulong value);

    [RuntimeImport("*", "ReadCr8")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadCr8();

    [RuntimeImport("*", "WriteCr8")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteCr8(ulong value);

    [RuntimeImport("*", "ReadDr0")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadDr0();

    [RuntimeImport("*", "WriteDr0")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteDr0(ulong value);

    [RuntimeImport("*", "ReadDr1")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadDr1();

    [RuntimeImport("*", "WriteDr1")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteDr1(ulong value);

    [RuntimeImport("*", "ReadDr2")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadDr2();

    [RuntimeImport("*", "WriteDr2")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteDr2(ulong value);

    [RuntimeImport("*", "ReadDr3")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadDr3();

    [RuntimeImport("*", "WriteDr3")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteDr3(ulong value);

    [RuntimeImport("*", "ReadDr6")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadDr6();

    [RuntimeImport("*", "WriteDr6")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteDr6(ulong value);

    [RuntimeImport("*", "ReadDr7")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadDr7();

    [RuntimeImport("*", "WriteDr7")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteDr7(ulong value);

    /// <summary>RFLAGS.</summary>
    [RuntimeImport("*", "ReadFlags")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ulong ReadFlags();

    /// <summary>The descriptor is ten bytes: limit and base.</summary>
    [RuntimeImport("*", "Lgdt")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Lgdt(void* descriptor);

    [RuntimeImport("*", "Lidt")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Lidt(void* descriptor);

    [RuntimeImport("*", "Sgdt")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Sgdt(void* descriptor);

    [RuntimeImport("*", "Sidt")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Sidt(void* descriptor);

    [RuntimeImport("*", "Ltr")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Ltr(ushort selector);

    [RuntimeImport("*", "Str")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ushort Str();

    [RuntimeImport("*", "Lldt")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Lldt(ushort selector);

    [RuntimeImport("*", "Sldt")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ushort Sldt();

    [RuntimeImport("*", "ReadCs")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ushort ReadCs();

    [RuntimeImport("*", "WriteCs")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteCs(ushort selector);

    [RuntimeImport("*", "ReadDs")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ushort ReadDs();

    [RuntimeImport("*", "WriteDs")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteDs(ushort selector);

    [RuntimeImport("*", "ReadEs")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ushort ReadEs();

    [RuntimeImport("*", "WriteEs")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteEs(ushort selector);

    [RuntimeImport("*", "ReadFs")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ushort ReadFs();

    [RuntimeImport("*", "WriteFs")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteFs(ushort selector);

    [RuntimeImport("*", "ReadGs")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ushort ReadGs();

    [RuntimeImport("*", "WriteGs")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteGs(ushort selector);

    [RuntimeImport("*", "ReadSs")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern ushort ReadSs();

    [RuntimeImport("*", "WriteSs")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void WriteSs(ushort selector);

    [RuntimeImport("*", "Pause")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Pause();

    [RuntimeImport("*", "Hlt")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Hlt();

    [RuntimeImport("*", "Cli")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Cli();

    [RuntimeImport("*", "Sti")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Sti();

    [RuntimeImport("*", "Clgi")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Clgi();

    [RuntimeImport("*", "Stgi")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Stgi();

    [RuntimeImport("*", "Wbinvd")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Wbinvd();

    [RuntimeImport("*", "Mfence")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Mfence();

    [RuntimeImport("*", "Invlpg")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Invlpg(void* address);

    /// <summary>512 bytes on a multiple of 16.</summary>
    [RuntimeImport("*", "Fxsave")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Fxsave(void* area);

    [RuntimeImport("*", "Fxrstor")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Fxrstor(void* area);

    /// <summary>On a multiple of 64; its size is what CPUID leaf 0xD says for the components.</summary>
    [RuntimeImport("*", "Xsave")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Xsave(void* area, ulong components);

    [RuntimeImport("*", "Xrstor")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Xrstor(void* area, ulong components);
}

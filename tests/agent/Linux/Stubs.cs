using System.Runtime;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Switcher.Agent.Linux;

/// <summary>The agent's machine code, from <c>tests/stubs/LinuxStubs.cs</c> and <c>stubs/CpuidStubs.cs</c>.</summary>
internal static unsafe class Stubs
{
    /// <summary>The system call of a number. A negative result is an error number (errno) with its sign turned.</summary>
    [RuntimeImport, MethodImpl(InternalCall)]
    internal static extern long Syscall6(ulong number, ulong a, ulong b, ulong c, ulong d, ulong e, ulong f);

    /// <summary>The time-stamp counter of the CPU that executes this.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong ReadTsc();

    /// <summary>Puts EAX, EBX, ECX and EDX into four integers.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Cpuid(uint leaf, uint subleaf, uint* registers);
}

using System.Runtime;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Switcher.Tests.Guest;

/// <summary>The guest's own machine code, from <c>tests/stubs/Guest*.cs</c>.</summary>
internal static unsafe class Stubs
{
    /// <summary>
    /// Saves what a call preserves, puts RSP into <paramref name="place"/> and calls a function. Its result, or 0 after <see
    /// cref="Resume"/>.
    /// </summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern int Suspend(ulong* place, delegate* unmanaged<int> function);

    /// <summary>Goes on behind <see cref="Suspend"/>, from any stack.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void Resume(ulong stackPointer);

    /// <summary>Writes 1, 2 or 4 bytes to a port, with a pattern in all other registers. Comes back if the machine goes on.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void SleepWrite(ushort port, uint value, uint size, ulong pattern);

    /// <summary>Calls a function that may fault; see <see cref="Cpus.Attempt"/>.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern int Attempt(void* function, ulong first, ulong second, void* context);

    /// <summary>Calls a function on another stack, for ever.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void CallOnStack(ulong top, delegate* unmanaged<void> function);

    /// <summary>What GS points to, which begins with its own address.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void* CurrentCpu();

    /// <summary>Enables interrupts, waits for one, disables them.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void WaitForInterrupt();

    /// <summary>Where the 256 interrupt entries of 8 bytes begin.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern ulong AddressOfInterruptEntries();

    /// <summary>The code that is copied below 1 MiB.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern byte* AddressOfTrampolineCode();

    /// <summary>A function of two arguments, a <see cref="Misbehaviour.GuestInstruction"/> and its operand; gives RAX.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void* AddressOfExecute();

    /// <summary>REP INSW or OUTSW of one element.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void ExecuteString(ulong instruction, ushort port, void* memory);
}

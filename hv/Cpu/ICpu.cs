using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Text;

namespace Switcher.Hv.Cpu;

/// <summary>What CPUID returns.</summary>
public struct CpuidResult
{
    public uint Eax;
    public uint Ebx;
    public uint Ecx;
    public uint Edx;
}

/// <summary>A CPU that can be asked what it has.</summary>
public interface ICpuid
{
    static abstract CpuidResult Cpuid(uint leaf, uint subleaf);
}

/// <summary>
/// The only door to instructions that touch the machine. In Switcher.efi they are machine-code stubs; in tests a model of a machine.
/// </summary>
public interface ICpu : ICpuid
{
    /// <summary>Reads an MSR that is known to exist.</summary>
    static abstract ulong ReadMsr(uint register);

    /// <summary>Writes an MSR that is known to exist and to take the value.</summary>
    static abstract void WriteMsr(uint register, ulong value);

    /// <summary>Reads an MSR; false where the CPU answers #GP.</summary>
    static abstract bool TryReadMsr(uint register, out ulong value);

    /// <summary>Writes an MSR; false where the CPU answers #GP.</summary>
    static abstract bool TryWriteMsr(uint register, ulong value);

    /// <summary>The time-stamp counter, in ticks.</summary>
    static abstract ulong ReadTimestamp();

    /// <summary>Reads <paramref name="size"/> (1, 2 or 4) bytes from a port.</summary>
    static abstract uint In(ushort port, int size);

    /// <summary>Writes the low <paramref name="size"/> (1, 2 or 4) bytes to a port.</summary>
    static abstract void Out(ushort port, uint value, int size);

    /// <summary>One read of <paramref name="size"/> (1, 2, 4 or 8) bytes of a device register in memory space.</summary>
    static abstract ulong ReadDevice(HostPhysicalAddress address, int size);

    /// <summary>One write of <paramref name="size"/> (1, 2, 4 or 8) bytes of a device register in memory space.</summary>
    static abstract void WriteDevice(HostPhysicalAddress address, ulong value, int size);

    /// <summary>
    /// Puts all registers that XSAVE manages into their initial state and sets XCR0 to 1; nothing where there is no XSAVE. x87 and SSE
    /// registers are loaded from <see cref="FpuState"/> at every entry.
    /// </summary>
    static abstract void ResetExtendedState();

    /// <summary>Clears DR0 to DR3 and sets DR6 to its initial value.</summary>
    static abstract void ResetDebugRegisters();

    /// <summary>
    /// One round of waiting in the hypervisor: a hint that the CPU spins, and a moment in which a system-management interrupt may come.
    /// Firmware calls all CPUs into System Management Mode together and waits for them.
    /// </summary>
    static abstract void Pause();

    /// <summary>Lets every interrupt that is pending in the local APIC be taken and dropped.</summary>
    static abstract void DrainInterrupts();

    /// <summary>Sleeps until some interrupt comes, which is dropped.</summary>
    static abstract void WaitForInterrupt();
}

/// <summary>Everything that the hypervisor needs from where it runs: instructions, memory, and a place for its log.</summary>
public interface IPlatform : ICpu, IPhysicalMemory, ILogSink
{
    /// <summary>Copies the latest lines of the log, as many whole ones as fit.</summary>
    /// <returns>Bytes copied.</returns>
    static abstract int CopyLog(Span<byte> destination);
}

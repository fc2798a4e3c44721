using System;
using System.Threading;
using Switcher.Boot.Memory;
using Switcher.Efi.Cpu;
using Switcher.Hv.Cpu;
using Switcher.Hv.Svm;
using Switcher.Hv.Trace;

namespace Switcher.Efi.Host;

/// <summary>The real machine, as the hypervisor sees it: its identity map, its instructions, its log.</summary>
internal unsafe partial struct Platform : IPlatform, ISvmInstructions
{
    /// <summary>Bytes of the log's ring.</summary>
    public const int LogRingBytes = 64 * 1024;

    private const int XsaveHeader = 512;

    private static byte* s_ring;
    private static ulong s_ringWritten;
    private static int s_logLock;
    private static byte* s_initialXsave;
    private static bool s_hasGlobalInterruptFlag;

    /// <summary>
    /// Gives the log its ring, and the reset of extended state its page of zeros. Called in the copy of the image that hosts.
    /// </summary>
    public static void Initialize(HostPhysicalAddress ring, HostPhysicalAddress zeroPage, Backend backend)
    {
        s_hasGlobalInterruptFlag = backend == Backend.Svm;
        s_ring = (byte*)ring.Value;
        s_initialXsave = (byte*)zeroPage.Value;
    }

    // SAFETY: the hypervisor's address space is the identity; callers check what came from a guest.
    public static ref T At<T>(HostPhysicalAddress address)
        where T : unmanaged => ref *(T*)address.Value;

    // SAFETY: as above.
    public static Span<byte> Bytes(HostPhysicalAddress address, int length) => new((void*)address.Value, length);

    public static CpuidResult Cpuid(uint leaf, uint subleaf) => ThisCpu.Cpuid(leaf, subleaf);

    public static ulong ReadMsr(uint register) => Instructions.ReadMsr(register);

    public static void WriteMsr(uint register, ulong value) => Instructions.WriteMsr(register, value);

    public static bool TryReadMsr(uint register, out ulong value)
    {
        ulong read = 0;
        bool isGood = HostStubs.TryReadMsr(register, 0, &read) != 0;
        value = read;
        return isGood;
    }

    public static bool TryWriteMsr(uint register, ulong value) => HostStubs.TryWriteMsr(register, (uint)(value >> 32), (uint)value) != 0;

    public static ulong ReadTimestamp() => Instructions.ReadTsc();

    public static uint In(ushort port, int size) => size switch
    {
        1 => Instructions.In8(port),
        2 => Instructions.In16(port),
        _ => Instructions.In32(port),
    };

    public static void Out(ushort port, uint value, int size)
    {
        switch (size)
        {
            case 1: Instructions.Out8(port, (byte)value); break;
            case 2: Instructions.Out16(port, (ushort)value); break;
            default: Instructions.Out32(port, value); break;
        }
    }

    public static ulong ReadDevice(HostPhysicalAddress address, int size) => size switch
    {
        1 => Volatile.Read(ref At<byte>(address)),
        2 => Volatile.Read(ref At<ushort>(address)),
        4 => Volatile.Read(ref At<uint>(address)),
        _ => Volatile.Read(ref At<ulong>(address)),
    };

    public static void WriteDevice(HostPhysicalAddress address, ulong value, int size)
    {
        switch (size)
        {
            case 1: Volatile.Write(ref At<byte>(address), (byte)value); break;
            case 2: Volatile.Write(ref At<ushort>(address), (ushort)value); break;
            case 4: Volatile.Write(ref At<uint>(address), (uint)value); break;
            default: Volatile.Write(ref At<ulong>(address), value); break;
        }
    }

    /// <summary>An XSAVE area of zeros loads every component's initial state: its header says that no component is in it.</summary>
    public static void ResetExtendedState()
    {
        if (!CpuFeatures<Platform>.HasXsave)
            return;
        CpuidResult components = Cpuid(CpuidLeaf.ExtendedState, 0);
        ulong all = ((ulong)components.Edx << 32) | components.Eax;
        Instructions.Xsetbv(0, all);
        At<FpuState>(new HostPhysicalAddress((ulong)s_initialXsave)).Reset();
        Bytes(new HostPhysicalAddress((ulong)s_initialXsave + XsaveHeader), 64).Clear();
        Instructions.Xrstor(s_initialXsave, all);
        Instructions.Xsetbv(0, 1);
    }

    public static void ResetDebugRegisters()
    {
        Instructions.WriteDr0(0);
        Instructions.WriteDr1(0);
        Instructions.WriteDr2(0);
        Instructions.WriteDr3(0);
    }

    public static void Pause()
    {
        Instructions.Pause();
        if (s_hasGlobalInterruptFlag)
            SvmStubs.OpenGlobalInterruptFlag();
    }

    public static void DrainInterrupts()
    {
        if (s_hasGlobalInterruptFlag)
            SvmStubs.DrainInterruptsSvm();
        else
            VmxStubs.DrainInterruptsVmx();
    }

    public static void WaitForInterrupt()
    {
        if (s_hasGlobalInterruptFlag)
            SvmStubs.WaitForInterruptSvm();
        else
            VmxStubs.WaitForInterruptVmx();
    }

    public static void RunSvm(ref GuestRegisters registers, HostPhysicalAddress vmcb, HostPhysicalAddress hostState)
    {
        // SAFETY: the registers are in the hypervisor's memory, which nothing moves.
        fixed (GuestRegisters* pointer = &registers)
            SvmStubs.RunSvm(pointer, vmcb.Value, hostState.Value);
    }

    public static void SaveHostState(HostPhysicalAddress hostState) => SvmStubs.SaveHostState(hostState.Value);

    public static void LoadGuestState(HostPhysicalAddress vmcb) => SvmStubs.LoadGuestState(vmcb.Value);

    public static void OpenGlobalInterruptFlag() => SvmStubs.OpenGlobalInterruptFlag();

    public static void SetGlobalInterruptFlag() => Instructions.Stgi();

    /// <summary>Debug port first, then the ring; one CPU at a time, so that lines stay whole.</summary>
    public static void Write(ReadOnlySpan<byte> line)
    {
        while (Interlocked.CompareExchange(ref s_logLock, 1, 0) != 0)
            Instructions.Pause();
        DebugPort.Write(line);
        if (s_ring != null)
            LogRing.Append(new Span<byte>(s_ring, LogRingBytes), ref s_ringWritten, line);
        Volatile.Write(ref s_logLock, 0);
    }

    public static int CopyLog(Span<byte> destination)
    {
        while (Interlocked.CompareExchange(ref s_logLock, 1, 0) != 0)
            Instructions.Pause();
        int length = LogRing.CopyLines(new ReadOnlySpan<byte>(s_ring, LogRingBytes), s_ringWritten, destination);
        Volatile.Write(ref s_logLock, 0);
        return length;
    }
}

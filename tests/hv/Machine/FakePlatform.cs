using System;
using System.Runtime.InteropServices;
using System.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.Memory;
using Switcher.Hv.Svm;

namespace Switcher.Tests.Hv.Machine;

/// <summary>The hypervisor's door to the <see cref="FakeMachine"/> and the CPU on whose behalf the calling thread runs.</summary>
internal readonly struct FakePlatform : IPlatform, ISvmInstructions
{
    private static FakeMachine Machine => FakeMachine.Current;

    private static FakeCpu Executing => Machine.ExecutingCpu;

    public static ref T At<T>(HostPhysicalAddress address)
        where T : unmanaged
        => ref MemoryMarshal.AsRef<T>(Machine.Ram.Bytes(address.Value, System.Runtime.CompilerServices.Unsafe.SizeOf<T>()));

    public static Span<byte> Bytes(HostPhysicalAddress address, int length) => Machine.Ram.Bytes(address.Value, length);

    public static void Write(ReadOnlySpan<byte> line) => Machine.AddToLog(Encoding.ASCII.GetString(line));

    public static CpuidResult Cpuid(uint leaf, uint subleaf) => Machine.Cpuid[leaf, subleaf];

    public static ulong ReadMsr(uint register)
        => TryReadMsr(register, out ulong value) ? value : throw new InvalidOperationException($"#GP in the hypervisor: RDMSR 0x{register:x}");

    public static void WriteMsr(uint register, ulong value)
    {
        if (!TryWriteMsr(register, value))
            throw new InvalidOperationException($"#GP in the hypervisor: WRMSR 0x{register:x}, 0x{value:x}");
    }

    public static bool TryReadMsr(uint register, out ulong value) => Executing.Msrs.TryRead(register, out value);

    public static bool TryWriteMsr(uint register, ulong value) => Executing.Msrs.TryWrite(register, value);

    public static ulong ReadTimestamp() => Machine.ReadTimestamp();

    public static uint In(ushort port, int size) => Machine.Ports.In(port, size);

    public static void Out(ushort port, uint value, int size) => Machine.Ports.Out(port, value, size);

    public static ulong ReadDevice(HostPhysicalAddress address, int size)
    {
        Executing.LetOthersGoOn();
        return Machine.ReadDevice(Executing, address.Value, size);
    }

    public static void WriteDevice(HostPhysicalAddress address, ulong value, int size)
    {
        Executing.LetOthersGoOn();
        Machine.WriteDevice(Executing, address.Value, value, size);
    }

    public static void ResetExtendedState() => Executing.IsExtendedStateInitial = true;

    public static void ResetDebugRegisters() => Executing.AreDebugRegistersInitial = true;

    public static void Pause() => Executing.Yield(CpuWait.Spinning);

    public static void DrainInterrupts()
    {
        Executing.TakePendingNmi();
        Executing.Apic.TakeAllInterrupts();
    }

    public static void WaitForInterrupt()
    {
        Executing.Yield(CpuWait.Halted);
        Executing.TakePendingNmi();
    }

    public static void RunSvm(ref GuestRegisters registers, HostPhysicalAddress vmcb, HostPhysicalAddress hostState)
        => Executing.RunGuest(ref registers, vmcb);

    public static void SaveHostState(HostPhysicalAddress hostState) => Executing.HasHostState = true;

    public static void LoadGuestState(HostPhysicalAddress vmcb) => Executing.HasHostState = false;

    public static void TakePendingNmi() => Executing.TakePendingNmi();

    public static void SetGlobalInterruptFlag() => Executing.TakePendingNmi();
}

using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Svm;
using Switcher.Hv.Trace;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Tests.Hv.Machine;

/// <summary>The hypervisor's door to the <see cref="FakeMachine"/> and the CPU on whose behalf the calling thread runs.</summary>
internal readonly struct FakePlatform : IPlatform, ISvmInstructions, IVmxInstructions
{
    private static FakeMachine Machine => FakeMachine.Current;

    private static FakeCpu Executing => Machine.ExecutingCpu;

    private static FakeMachine Touched
    {
        get
        {
            Machine.Touched?.Invoke();
            return Machine;
        }
    }

    public static ref T At<T>(HostPhysicalAddress address)
        where T : unmanaged
        => ref MemoryMarshal.AsRef<T>(Touched.Ram.Bytes(address.Value, System.Runtime.CompilerServices.Unsafe.SizeOf<T>()));

    public static Span<byte> Bytes(HostPhysicalAddress address, int length) => Touched.Ram.Bytes(address.Value, length);

    public static void Write(ReadOnlySpan<byte> line) => Machine.AddToLog(Encoding.ASCII.GetString(line));

    public static int CopyLog(Span<byte> destination)
    {
        byte[] ring = Encoding.ASCII.GetBytes(string.Concat(Machine.Log.Select(line => line + "\n")));
        return LogRing.CopyLines(ring, (ulong)ring.Length, destination);
    }

    public static CpuidResult Cpuid(uint leaf, uint subleaf) => Machine.Cpuid[leaf, subleaf];

    public static ulong ReadMsr(uint register)
        => TryReadMsr(register, out ulong value)
            ? value : throw new InvalidOperationException($"#GP in the hypervisor: RDMSR 0x{register:x}");

    public static void WriteMsr(uint register, ulong value)
    {
        if (!TryWriteMsr(register, value))
            throw new InvalidOperationException($"#GP in the hypervisor: WRMSR 0x{register:x}, 0x{value:x}");
    }

    public static bool TryReadMsr(uint register, out ulong value) => Executing.Msrs.TryRead(register, out value);

    public static bool TryWriteMsr(uint register, ulong value) => Executing.Msrs.TryWrite(register, value);

    public static ulong ReadTimestamp() => Touched.ReadTimestamp();

    public static uint In(ushort port, int size) => Touched.Ports.In(port, size);

    public static void Out(ushort port, uint value, int size) => Touched.Ports.Out(port, value, size);

    public static ulong ReadDevice(HostPhysicalAddress address, int size)
    {
        Executing.LetOthersGoOn();
        return Touched.ReadDevice(Executing, address.Value, size);
    }

    public static void WriteDevice(HostPhysicalAddress address, ulong value, int size)
    {
        Executing.LetOthersGoOn();
        Touched.WriteDevice(Executing, address.Value, value, size);
    }

    public static void ResetExtendedState() => Executing.IsExtendedStateInitial = true;

    public static void ResetDebugRegisters() => Executing.AreDebugRegistersInitial = true;

    public static void Pause()
    {
        Executing.Yield(CpuWait.Spinning);
        if (!Executing.HasVmx)
            Executing.TakePending();
    }

    public static void DrainInterrupts()
    {
        Executing.TakePending();
        Executing.Apic.TakeAllInterrupts();
    }

    public static void WaitForInterrupt()
    {
        Executing.Yield(CpuWait.Halted);
        Executing.TakePending();
    }

    public static void RunSvm(ref GuestRegisters registers, HostPhysicalAddress vmcb, HostPhysicalAddress hostState)
        => Executing.RunGuest(ref registers, vmcb);

    public static void SaveHostState(HostPhysicalAddress hostState) => Executing.HasHostState = true;

    public static void LoadGuestState(HostPhysicalAddress vmcb) => Executing.HasHostState = false;

    public static void OpenGlobalInterruptFlag() => Executing.TakePending();

    public static void SetGlobalInterruptFlag() => Executing.TakePending();

    public static ulong ExitAddress => FakeVmx.ExitAddress;

    public static bool EnterVmxOperation(HostPhysicalAddress region) => Executing.Vmx.TryEnter(region.Value);

    public static void LeaveVmxOperation() => Executing.Vmx.Leave();

    public static bool LoadVmcs(HostPhysicalAddress vmcs) => Executing.Vmx.TryLoad(vmcs.Value);

    public static void ClearVmcs(HostPhysicalAddress vmcs) => Executing.Vmx.Clear(vmcs.Value);

    public static ulong ReadVmcs(uint encoding) => Executing.Vmx.Vmcs.Read(encoding);

    public static void WriteVmcs(uint encoding, ulong value)
    {
        Executing.Vmx.Vmcs.Write(encoding, value);
        if (encoding == VmcsControl.EptPointer.Encoding)
            Executing.Vmx.WriteEptPointer();
    }

    public static void InvalidateEpt() => Executing.Vmx.InvalidateEpt();

    public static void InvalidateVpid() => Executing.Vmx.InvalidateVpid();

    public static VmEntryOutcome RunVmx(ref GuestRegisters registers, bool isLaunched) => Executing.Vmx.Run(isLaunched);

    public static void UnblockNmi() => Executing.Vmx.UnblockNmi();

    public static void ReadOwnState(out CpuState state)
        => state = CpuStates.LongMode(MemoryLayout.Hypervisor) with
        {
            Cr0 = Executing.Vmx.Cr0,
            Cr4 = Executing.Vmx.Cr4,
            Tr = new SegmentRegister(0x40, 0x8B, 0x67, MemoryLayout.Hypervisor),
        };

    public static ulong ReadCr0() => Executing.Vmx.Cr0;

    public static void WriteCr0(ulong value) => Executing.Vmx.Cr0 = value;

    public static ulong ReadCr2() => Executing.Vmx.Cr2;

    public static void WriteCr2(ulong value) => Executing.Vmx.Cr2 = value;

    public static ulong ReadCr4() => Executing.Vmx.Cr4;

    public static void WriteCr4(ulong value) => Executing.Vmx.Cr4 = value;

    public static ulong ReadDr6() => Executing.Vmx.Dr6;

    public static void WriteDr6(ulong value) => Executing.Vmx.Dr6 = value;

    public static bool TrySetExtendedControl(uint register, ulong value) => Executing.Vmx.TrySetExtendedControl(register, value);

    public static void WriteBackCaches() => Executing.Vmx.WriteBackCaches();
}

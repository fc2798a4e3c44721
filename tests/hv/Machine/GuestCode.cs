using System;
using System.Buffers.Binary;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Paging;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Tests.Hv.Machine;

/// <summary>
/// What guests execute on a CPU. Each instruction lies in the guest's memory at CS:RIP. It exits only if the intercepts, the permission
/// maps and the nested page table that the hypervisor set up say so; otherwise it acts on the hardware directly. Comes back when the CPU
/// waits again.
/// </summary>
internal static class GuestCode
{
    private const ulong WriteFault = 0x1_0000_0007;

    public static CpuidResult Cpuid(this FakeCpu cpu, uint leaf, uint subleaf = 0)
    {
        ref GuestRegisters registers = ref cpu.Virtual.Registers;
        cpu.Rax = leaf;
        registers.Rcx = subleaf;
        cpu.Exit(SvmExitCode.Cpuid, VmxExitReason.Cpuid, [0x0F, 0xA2]);
        return new CpuidResult
        {
            Eax = (uint)cpu.Rax,
            Ebx = (uint)registers.Rbx,
            Ecx = (uint)registers.Rcx,
            Edx = (uint)registers.Rdx,
        };
    }

    /// <summary>OUT DX, with the low bytes of <paramref name="value"/>.</summary>
    public static void Out(this FakeCpu cpu, int port, uint value, int size)
    {
        cpu.Rax = value;
        cpu.Virtual.Registers.Rdx = (ulong)port;
        PortInstruction(cpu, (ushort)port, size, isIn: false);
    }

    /// <summary>IN from DX.</summary>
    public static uint In(this FakeCpu cpu, int port, int size)
    {
        cpu.Rax = 0xDEAD_BEEF_DEAD_BEEF;
        cpu.Virtual.Registers.Rdx = (ulong)port;
        PortInstruction(cpu, (ushort)port, size, isIn: true);
        return size == 4 ? (uint)cpu.Rax : (uint)cpu.Rax & ((1u << (8 * size)) - 1);
    }

    /// <summary>RDMSR; the value is in EDX:EAX if the CPU does not fault.</summary>
    public static ulong ReadMsr(this FakeCpu cpu, uint register)
    {
        cpu.Virtual.Registers.Rcx = register;
        if (cpu.IsMsrIntercepted(register, isWrite: false))
            cpu.Exit(SvmExitCode.Msr, VmxExitReason.Rdmsr, [0x0F, 0x32]);
        else
            cpu.Complete([0x0F, 0x32], () =>
                cpu.Load(cpu.Msrs.TryRead(register, out ulong value) ? value : throw new InvalidOperationException("#GP")));
        return ((ulong)(uint)cpu.Virtual.Registers.Rdx << 32) | (uint)cpu.Rax;
    }

    public static void WriteMsr(this FakeCpu cpu, uint register, ulong value)
    {
        cpu.Virtual.Registers.Rcx = register;
        cpu.Load(value);
        if (cpu.IsMsrIntercepted(register, isWrite: true))
            cpu.Exit(SvmExitCode.Msr, VmxExitReason.Wrmsr, [0x0F, 0x30], 1);
        else
            cpu.Complete([0x0F, 0x30], () => cpu.Msrs.TryWrite(register, value));
    }

    /// <summary>A store of four bytes in 64-bit or in 32-bit mode.</summary>
    public static void Write(this FakeCpu cpu, ulong address, uint value)
    {
        bool isLong = (cpu.State.Efer & Efer.LongModeActive) != 0;
        Span<byte> code = stackalloc byte[isLong ? 7 : 6];
        ReadOnlySpan<byte> store = isLong ? [0x89, 0x04, 0x25] : [0x89, 0x05];
        store.CopyTo(code);
        BinaryPrimitives.WriteUInt32LittleEndian(code[store.Length..], (uint)address);
        cpu.Rax = value;
        cpu.Store(address, value, code.ToArray());
    }

    /// <summary>The store of EAX that <paramref name="code"/> encodes.</summary>
    public static void Store(this FakeCpu cpu, ulong address, uint value, byte[] code)
    {
        if (!cpu.TryTranslate(address, out Translation translation) || (translation.Access & Access.ReadWrite) != Access.ReadWrite)
            cpu.ViolateMemory(address, code);
        else
            cpu.Complete(code, () => WritePhysical(cpu, translation.Address.Value, value));
    }

    /// <summary>Reads four bytes as a guest's load would; memory that is not mapped fails the test.</summary>
    public static uint Read(this FakeCpu cpu, ulong address)
    {
        if (!cpu.TryTranslate(address, out Translation translation))
            throw new InvalidOperationException($"0x{address:x} is not mapped");
        return FakeMachine.Current.Ram.Contains(translation.Address.Value, 4)
            ? FakePlatform.At<uint>(translation.Address)
            : (uint)FakeMachine.Current.ReadDevice(cpu, translation.Address.Value, 4);
    }

    public static void Hypercall(this FakeCpu cpu, ulong number, ulong first, ulong second)
    {
        cpu.Rax = number;
        cpu.Virtual.Registers.Rcx = first;
        cpu.Virtual.Registers.Rdx = second;
        cpu.Exit(SvmExitCode.Vmmcall, VmxExitReason.Vmcall, [0x0F, 0x01, cpu.HasVmx ? (byte)0xC1 : (byte)0xD9]);
    }

    /// <summary>A runtime service of the active guest asks the firmware, from where it may.</summary>
    public static void CallFirmware(this FakeCpu cpu)
    {
        if ((cpu.State.Efer & Efer.LongModeActive) == 0)
            cpu.ContinueInLongMode();
        cpu.Rip = MemoryLayout.Partition(FakeMachine.Current.ActiveGuest) + MemoryLayout.Services;
        cpu.Hypercall(Switcher.Hv.Exits.Hypercall.CallFirmware, 0, 0);
    }

    /// <summary>The firmware has done what it was asked for, and waits for the next request.</summary>
    public static void Answer(this FakeCpu cpu, FirmwareAnswer answer, ulong status = 0)
    {
        cpu.Rip = MemoryLayout.Firmware + MemoryLayout.Code;
        cpu.Hypercall(Switcher.Hv.Exits.Hypercall.NextRequest, (ulong)answer, status);
    }

    public static void TripleFault(this FakeCpu cpu)
    {
        cpu.Exit(SvmExitCode.Shutdown, VmxExitReason.TripleFault, []);
    }

    /// <summary>PAUSE, where it is intercepted.</summary>
    public static void Pause(this FakeCpu cpu) => cpu.Exit(SvmExitCode.Pause, VmxExitReason.Pause, [0xF3, 0x90]);

    /// <summary>The VMX-preemption timer, where it is active.</summary>
    public static void LetTimerExpire(this FakeCpu cpu)
    {
        if ((cpu.Vmx.Vmcs.Get(VmcsControl.PinControls) & PinControls.ActivatePreemptionTimer) == 0)
            throw new InvalidOperationException("there is no timer that could expire");
        cpu.Exit(default, VmxExitReason.PreemptionTimer, []);
    }

    /// <summary>An invalid opcode, where it is intercepted.</summary>
    public static void RaiseFault(this FakeCpu cpu)
    {
        const SvmExitCode InvalidOpcode = (SvmExitCode)0x46;
        const uint InvalidOpcodeInformation = 0x8000_0306;
        if (cpu.HasVmx)
            cpu.Vmx.Vmcs.Set(VmcsExit.InterruptionInformation, InvalidOpcodeInformation);
        cpu.Exit(InvalidOpcode, VmxExitReason.ExceptionOrNmi, []);
    }

    /// <summary>An exit that the hypervisor does not know, or the CPU's refusal of the guest's state.</summary>
    public static void Crash(this FakeCpu cpu, bool isInvalidState)
    {
        const SvmExitCode UnknownSvm = (SvmExitCode)0x8E;
        if (!cpu.HasVmx)
            cpu.SetExit(isInvalidState ? SvmExitCode.Invalid : UnknownSvm, 0, 0, 0);
        else
            cpu.Vmx.Vmcs.SetExit(isInvalidState
                ? 0x8000_0000 | (uint)VmxExitReason.InvalidGuestState : (uint)VmxExitReason.TaskSwitch, 0, 0);
        cpu.Exit();
    }

    /// <summary>An exit with an instruction of the guest's.</summary>
    public static void Exit(this FakeCpu cpu, SvmExitCode code, ulong information1, ulong information2, byte[] instruction)
    {
        cpu.Place(instruction);
        cpu.SetExit(code, information1, information2, code == SvmExitCode.NestedPageFault ? 0 : instruction.Length);
        cpu.Exit();
    }

    /// <summary>The same, of whichever vendor.</summary>
    private static void Exit(this FakeCpu cpu, SvmExitCode code, VmxExitReason reason, byte[] instruction, ulong information = 0)
    {
        if (!cpu.HasVmx)
        {
            cpu.Exit(code, information, 0, instruction);
            return;
        }
        cpu.Place(instruction);
        cpu.Vmx.Vmcs.SetExit((uint)reason, 0, instruction.Length);
        cpu.Exit();
    }

    /// <summary>A store where the guest has nothing to write to.</summary>
    private static void ViolateMemory(this FakeCpu cpu, ulong address, byte[] instruction)
    {
        const ulong WriteToLinearAddress = 0x18A;
        if (!cpu.HasVmx)
        {
            cpu.Exit(SvmExitCode.NestedPageFault, WriteFault, address, instruction);
            return;
        }
        cpu.Place(instruction);
        cpu.Vmx.Vmcs.SetExit((uint)VmxExitReason.EptViolation, WriteToLinearAddress, instruction.Length);
        cpu.Vmx.Vmcs.Set(VmcsExit.GuestPhysicalAddress, address);
        cpu.Exit();
    }

    /// <summary>An interprocessor interrupt through the interrupt command register, in whichever mode the local APIC is.</summary>
    public static void SendInterrupt(this FakeCpu cpu, uint command, uint destination)
    {
        if (cpu.Apic.IsX2Apic)
        {
            cpu.WriteMsr(Msr.X2ApicIcr, ((ulong)destination << 32) | command);
            return;
        }
        cpu.WriteApic(ApicRegister.InterruptCommandHigh, destination << 24);
        cpu.WriteApic(ApicRegister.InterruptCommandLow, command);
    }

    public static void WriteApic(this FakeCpu cpu, uint register, uint value) => cpu.Write(FakeMachine.LocalApicBase + register, value);

    /// <summary>What a wake-up routine or a boot loader does: the CPU is in 64-bit mode, in the code of the active domain.</summary>
    public static void ContinueInLongMode(this FakeCpu cpu)
    {
        FakeMachine machine = FakeMachine.Current;
        cpu.State = CpuStates.LongMode(machine.Hypervisor.IsLoading
            ? MemoryLayout.Firmware : MemoryLayout.Partition(machine.ActiveGuest));
    }

    /// <summary>Whether a port exits: APM vol. 2, 15.10.1 I/O Permissions Map.</summary>
    public static bool IsPortIntercepted(this FakeCpu cpu, int port, int size)
    {
        ulong bitmap = cpu.HasVmx ? cpu.Vmx.Vmcs.Get(VmcsControl.IoBitmapA) : cpu.Vmcb.IopmBasePa;
        Span<byte> map = FakePlatform.Bytes(new HostPhysicalAddress(bitmap), IoBitmap.Bytes);
        for (int i = port; i < port + size; i++)
        {
            if ((map[i / 8] & (1 << (i % 8))) != 0)
                return true;
        }
        return false;
    }

    /// <summary>Whether an MSR exits: APM vol. 2, 15.11 MSR Intercepts.</summary>
    public static bool IsMsrIntercepted(this FakeCpu cpu, uint register, bool isWrite)
    {
        if (cpu.HasVmx)
        {
            return !VmxMsrBitmap.TryGetBit(register, out int found) || (FakePlatform.Bytes(
                new HostPhysicalAddress(cpu.Vmx.Vmcs.Get(VmcsControl.MsrBitmap)),
                VmxMsrBitmap.Bytes)[(found / 8) + (isWrite ? 2048 : 0)] & (1 << (found % 8))) != 0;
        }
        int offset = (register & 0xFFFF_E000) switch
        {
            0 => 0,
            0xC000_0000 => 0x800,
            0xC001_0000 => 0x1000,
            _ => -1,
        };
        int bit = ((int)(register & 0x1FFF) * 2) + (isWrite ? 1 : 0);
        return offset < 0
            || (FakePlatform.Bytes(new HostPhysicalAddress(cpu.Vmcb.MsrpmBasePa), 0x2000)[offset + (bit / 8)] & (1 << (bit % 8))) != 0;
    }

    private static void PortInstruction(FakeCpu cpu, ushort port, int size, bool isIn)
    {
        bool is16Bit = (cpu.State.Efer & Efer.LongModeActive) == 0 && (cpu.State.Cs.Attributes & 0x400) == 0;
        byte opcode = (byte)((isIn ? 0xEC : 0xEE) | (size == 1 ? 0 : 1));
        byte[] code = size != 1 && (size == 2) != is16Bit ? [0x66, opcode] : [opcode];
        if (cpu.HasVmx && cpu.IsPortIntercepted(port, size))
        {
            cpu.Place(code);
            cpu.Vmx.Vmcs.SetExit((uint)VmxExitReason.Io, ((ulong)port << 16) | (uint)(size - 1) | (isIn ? 8u : 0), code.Length);
            cpu.Exit();
        }
        else if (cpu.IsPortIntercepted(port, size))
        {
            ulong information = ((ulong)port << 16) | ((ulong)size << 4) | (isIn ? 1u : 0);
            cpu.Exit(SvmExitCode.Io, information, cpu.Rip + (ulong)code.Length, code);
        }
        else if (isIn)
        {
            cpu.Complete(code, () => cpu.Rax = FakeMachine.Current.Ports.In(port, size));
        }
        else
        {
            cpu.Complete(code, () => FakeMachine.Current.Ports.Out(port, (uint)cpu.Rax, size));
        }
    }

    /// <summary>An instruction that does not exit.</summary>
    private static void Complete(this FakeCpu cpu, byte[] code, Action act)
    {
        if (cpu.Wait != CpuWait.InGuest)
            throw new InvalidOperationException($"CPU {cpu.Index} is {cpu.Wait} and not in its guest");
        try
        {
            act();
        }
        catch (MachineEndedException)
        {
            return;
        }
        cpu.Rip += (ulong)code.Length;
    }

    private static void Load(this FakeCpu cpu, ulong value)
    {
        cpu.Rax = (uint)value;
        cpu.Virtual.Registers.Rdx = value >> 32;
    }

    private static void WritePhysical(FakeCpu cpu, ulong address, uint value)
    {
        if (FakeMachine.Current.Ram.Contains(address, 4))
            FakePlatform.At<uint>(new HostPhysicalAddress(address)) = value;
        else
            FakeMachine.Current.WriteDevice(cpu, address, value, 4);
    }

    /// <summary>Puts an instruction where the guest executes.</summary>
    private static void Place(this FakeCpu cpu, byte[] instruction)
    {
        bool isLong = (cpu.State.Efer & Efer.LongModeActive) != 0;
        ulong address = isLong ? cpu.Rip : (uint)(cpu.State.Cs.Base + cpu.Rip);
        if (!cpu.TryTranslate(address, out Translation translation))
            throw new InvalidOperationException($"the guest executes at 0x{address:x}, where nothing is mapped");
        instruction.CopyTo(FakePlatform.Bytes(translation.Address, instruction.Length));
    }

    /// <summary>Guests in these tests map linear to guest-physical addresses as they are.</summary>
    private static bool TryTranslate(this FakeCpu cpu, ulong address, out Translation translation)
    {
        var root = new HostPhysicalAddress(cpu.NestedRoot);
        return cpu.HasVmx
            ? NestedPageTable<EptFormat, FakePlatform>.Open(root).TryTranslate(new GuestPhysicalAddress(address), out translation)
            : NestedPageTable<NptFormat, FakePlatform>.Open(root).TryTranslate(new GuestPhysicalAddress(address), out translation);
    }
}

using System;
using System.Buffers.Binary;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Exits;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

/// <summary>Every kind of instruction with which a guest may write to the trapped page of the local APIC.</summary>
public sealed class StoreEmulationTests : IDisposable
{
    private const ulong TaskPriority = FakeMachine.LocalApicBase + ApicRegister.TaskPriority;
    private readonly FakeMachine _machine = new FakeMachine().Launch().BootGuests();

    private FakeCpu Cpu => _machine.Cpus[0];

    /// <summary>MOV [disp32], r32, with a register of each half.</summary>
    [Theory]
    [InlineData(new byte[] { 0x89, 0x14, 0x25 }, 2)]
    [InlineData(new byte[] { 0x44, 0x89, 0x0C, 0x25 }, 9)]
    public void Store_OfARegister_WritesItsLowHalf(byte[] opcode, int register)
    {
        Cpu.Virtual.Registers.Set(register, 0xFFFF_FFFF_0000_0050);
        ulong rip = Cpu.Vmcb.Rip;
        byte[] code = WithAddress(opcode);
        Cpu.Store(TaskPriority, 0, code);
        Assert.Equal(0x50u, Cpu.Apic[ApicRegister.TaskPriority]);
        Assert.Equal(rip + (ulong)code.Length, Cpu.Vmcb.Rip);
    }

    [Fact]
    public void Store_OfAnImmediate_WritesIt()
    {
        Cpu.Store(TaskPriority, 0, [.. WithAddress([0xC7, 0x04, 0x25]), 0x60, 0, 0, 0]);
        Assert.Equal(0x60u, Cpu.Apic[ApicRegister.TaskPriority]);
    }

    /// <summary>XCHG is how Linux writes a local APIC with an erratum.</summary>
    [Fact]
    public void Exchange_WithARegister_GivesTheOldValueWithUpperHalfClear()
    {
        Cpu.Apic[ApicRegister.TaskPriority] = 0x30;
        Cpu.Virtual.Registers.Rcx = 0xFFFF_FFFF_0000_0070;
        Cpu.Store(TaskPriority, 0, WithAddress([0x87, 0x0C, 0x25]));
        Assert.Equal((0x70u, 0x30UL), (Cpu.Apic[ApicRegister.TaskPriority], Cpu.Virtual.Registers.Rcx));
    }

    /// <summary>AND [disp32], imm8, sign-extended: a mask bit goes, and the flags say what is left.</summary>
    [Fact]
    public void ReadModifyWrite_WithAnImmediate_WritesTheResultAndSetsTheFlags()
    {
        const ulong ZeroFlag = 1 << 6;
        const ulong CarryFlag = 1;
        ulong rip = Cpu.Vmcb.Rip;
        Cpu.Apic[ApicRegister.TaskPriority] = 0x0F;
        Cpu.Vmcb.Rflags |= CarryFlag;
        byte[] code = [.. WithAddress([0x83, 0x24, 0x25]), 0xF0];
        Cpu.Store(TaskPriority, 0, code);
        Assert.Equal(0u, Cpu.Apic[ApicRegister.TaskPriority]);
        Assert.Equal(ZeroFlag, Cpu.Vmcb.Rflags & (ZeroFlag | CarryFlag));
        Assert.Equal(rip + (ulong)code.Length, Cpu.Vmcb.Rip);
    }

    [Theory]
    [InlineData(0x202, TaskPriority + 4)]
    [InlineData(0x602, TaskPriority - 4)]
    public void StringStore_Once_WritesAndMovesOn(ulong flags, ulong expected)
    {
        ulong rip = Cpu.Vmcb.Rip;
        Cpu.Vmcb.Rax = 0x20;
        Cpu.Vmcb.Rflags = flags;
        Cpu.Virtual.Registers.Rdi = TaskPriority;
        Cpu.Store(TaskPriority, 0, [0xAB]);
        Assert.Equal((0x20u, expected, rip + 1), (Cpu.Apic[ApicRegister.TaskPriority], Cpu.Virtual.Registers.Rdi, Cpu.Vmcb.Rip));
    }

    /// <summary>One exit a step, and interrupts in between, as natively.</summary>
    [Fact]
    public void StringStore_Repeated_StaysAtItsInstructionUntilItsCountIsDown()
    {
        ulong rip = Cpu.Vmcb.Rip;
        Cpu.Vmcb.Rax = 0x20;
        Cpu.Virtual.Registers.Rdi = TaskPriority;
        Cpu.Virtual.Registers.Rcx = 2;
        Cpu.Store(TaskPriority, 0, [0xF3, 0xAB]);
        Assert.Equal((1UL, TaskPriority + 4, rip), (Cpu.Virtual.Registers.Rcx, Cpu.Virtual.Registers.Rdi, Cpu.Vmcb.Rip));
        Cpu.Store(TaskPriority + 4, 0, [0xF3, 0xAB]);
        Assert.Equal((0UL, TaskPriority + 8, rip + 2), (Cpu.Virtual.Registers.Rcx, Cpu.Virtual.Registers.Rdi, Cpu.Vmcb.Rip));
    }

    [Fact]
    public void StringMove_FromTheGuestsMemory_WritesWhatIsThere()
    {
        const ulong Source = 0x2000_8000;
        FakePlatform.At<uint>(new HostPhysicalAddress(Source)) = 0x40;
        Cpu.Virtual.Registers.Rsi = Source;
        Cpu.Virtual.Registers.Rdi = TaskPriority;
        Cpu.Store(TaskPriority, 0, [0xA5]);
        Assert.Equal(0x40u, Cpu.Apic[ApicRegister.TaskPriority]);
        Assert.Equal((Source + 4, TaskPriority + 4), (Cpu.Virtual.Registers.Rsi, Cpu.Virtual.Registers.Rdi));
    }

    /// <summary>A vector has no place in a register of 32 bits: passed over.</summary>
    [Fact]
    public void Store_OfAVector_IsDropped()
    {
        ulong rip = Cpu.Vmcb.Rip;
        int writes = Cpu.Apic.Writes.Count;
        Cpu.Store(TaskPriority, 0, WithAddress([0x0F, 0x11, 0x04, 0x25]));
        Assert.Equal((writes, rip + 8), (Cpu.Apic.Writes.Count, Cpu.Vmcb.Rip));
    }

    /// <summary>An interrupt whose delivery the fault cut off comes with the next entry.</summary>
    [Fact]
    public void Fault_WhileAnInterruptWasDelivered_DoesNotLoseIt()
    {
        const ulong Interrupt = 0x8000_0030;
        WithAddress([0x89, 0x04, 0x25]).CopyTo(FakePlatform.Bytes(new HostPhysicalAddress(Cpu.Vmcb.Rip), 16));
        Cpu.SetExit(SvmExitCode.NestedPageFault, 0x1_0000_0007, TaskPriority, 0);
        Cpu.Vmcb.ExitIntInfo = Interrupt;
        Cpu.Exit();
        Assert.Equal([Interrupt], Cpu.Injected);
    }

    /// <summary>The counters of the log tell the trapped page from real violations.</summary>
    [Fact]
    public void Exits_OfEachKind_AreCountedForTheGuestThatHasTheMachine()
    {
        ulong nmis = Count(0, ExitReason.Nmi);
        Cpu.WriteApic(ApicRegister.TaskPriority, 0);
        Cpu.Write(MemoryLayout.Partition(1), 0);
        Cpu.Cpuid(0);
        Cpu.Cpuid(1);
        Cpu.ReadMsr(Msr.Efer);
        Cpu.Out(0x64, 0xAE, 1);
        Cpu.Hypercall(0, 0, 0);
        Cpu.IsNmiPending = true;
        _machine.Settle();
        Assert.Equal((1UL, 1UL, 2UL, 1UL),
            (Count(0, ExitReason.Apic), Count(0, ExitReason.Foreign), Count(0, ExitReason.Cpuid), Count(0, ExitReason.Msr)));
        Assert.Equal((1UL, 1UL, nmis + 1), (Count(0, ExitReason.Io), Count(0, ExitReason.Hypercall), Count(0, ExitReason.Nmi)));
        Assert.Equal(0UL, Count(1, ExitReason.Cpuid));
    }

    public void Dispose() => _machine.Dispose();

    private static byte[] WithAddress(byte[] opcode)
    {
        byte[] code = [.. opcode, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32LittleEndian(code.AsSpan(opcode.Length), unchecked((uint)TaskPriority));
        return code;
    }

    private ulong Count(int guest, ExitReason reason) => _machine.Guest(guest).ExitCounts.At<FakePlatform>((int)reason);
}

using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Switcher.Hv.Devices;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

/// <summary>APM vol. 2, 16.5 Interprocessor Interrupts. Four CPUs with APIC IDs 0, 2, 4 and 6; CPU 0 sends.</summary>
public class InterruptCommandTests
{
    private const uint Init = 0x4500;
    private const uint InitDeassert = 0x8500;
    private const uint Startup = 0x4600;
    private const uint AllButSelf = 3 << 18;
    private const uint All = 2 << 18;
    private const uint Self = 1 << 18;
    private const uint Logical = 1 << 11;

    public static TheoryData<bool> Modes => [false, true];

    [Theory]
    [MemberData(nameof(Modes))]
    public void Init_ToOneCpu_MakesThatCpuWait(bool isX2Apic)
    {
        using FakeMachine machine = Boot(isX2Apic);
        StartAll(machine);
        machine.Cpus[0].SendInterrupt(Init, 4);
        machine.Settle();
        Assert.Equal([2], Waiting(machine));
        Assert.Equal(machine.Hypervisor.WaitPage.Value, machine.Cpus[2].Vmcb.Cs.Base);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Startup_ToWaitingCpu_StartsItAtItsVector(bool isX2Apic)
    {
        using FakeMachine machine = Boot(isX2Apic);
        machine.Cpus[0].SendInterrupt(Startup | 0x9A, 2);
        machine.Settle();
        Assert.Equal([2, 3], Waiting(machine));
        FakeCpu started = machine.Cpus[1];
        Assert.Equal((0x9A00, 0x9_A000UL, 0UL), (started.Vmcb.Cs.Selector, started.Vmcb.Cs.Base, started.Vmcb.Rip));
        Assert.Equal(FakeCpuid.FamilyAndStepping, started.Virtual.Registers.Rdx);
        Assert.Equal(machine.Guest(0).NestedRoot.Value, started.Vmcb.NestedCr3);
    }

    /// <summary>Every system sends it twice.</summary>
    [Fact]
    public void Startup_ToRunningCpu_DoesNothing()
    {
        using FakeMachine machine = Boot(isX2Apic: false);
        machine.Cpus[0].SendInterrupt(Startup | 0x9A, 2);
        machine.Settle();
        machine.Cpus[1].Vmcb.Rip = 0x123;
        machine.Cpus[0].SendInterrupt(Startup | 0x8B, 2);
        machine.Settle();
        Assert.Equal((0x9A00, 0x123UL), (machine.Cpus[1].Vmcb.Cs.Selector, machine.Cpus[1].Vmcb.Rip));
    }

    [Fact]
    public void InitDeassert_ToRunningCpu_DoesNothing()
    {
        using FakeMachine machine = Boot(isX2Apic: false);
        StartAll(machine);
        machine.Cpus[0].SendInterrupt(InitDeassert, 2);
        machine.Settle();
        Assert.Empty(Waiting(machine));
    }

    [Theory]
    [InlineData(false, AllButSelf, 0, new[] { 1, 2, 3 })]
    [InlineData(false, 0, 5, new int[0])]
    [InlineData(true, AllButSelf, 0, new[] { 1, 2, 3 })]
    [InlineData(true, 0, 0xFF, new int[0])]
    public void Init_EachShorthandAndDestination_ReachesTheRightCpus(bool isX2Apic, uint command, uint destination, int[] expected)
    {
        using FakeMachine machine = Boot(isX2Apic);
        StartAll(machine);
        machine.Cpus[0].SendInterrupt(Init | command, destination);
        machine.Settle();
        Assert.Equal(expected, Waiting(machine));
    }

    /// <summary>The boot CPU would execute the firmware from the reset vector on.</summary>
    [Theory]
    [InlineData(false, 0, All, 0)]
    [InlineData(false, 0, Self, 0)]
    [InlineData(false, 0, 0, 0xFF)]
    [InlineData(false, 1, AllButSelf, 0)]
    [InlineData(false, 1, 0, 0)]
    [InlineData(true, 0, All, 0)]
    [InlineData(true, 3, 0, 0xFFFF_FFFF)]
    public void Init_ThatReachesTheBootCpu_IsTheGuestsReset(bool isX2Apic, int sender, uint command, uint destination)
    {
        using FakeMachine machine = Boot(isX2Apic);
        StartAll(machine);
        machine.Cpus[sender].SendInterrupt(Init | command, destination);
        machine.Settle();
        Assert.Equal((true, Domain.OfGuest(0)), (machine.Hypervisor.IsLoading, machine.Hypervisor.LoadingDomain));
        machine.LoadAgain(0);
        Assert.Equal((0, CpuActivity.Running), (machine.ActiveGuest, machine.Cpus[0].Virtual.Activity));
        Assert.Equal([1, 2, 3], Waiting(machine));
    }

    /// <summary>In flat mode each CPU that wrote its logical destination has a bit of it.</summary>
    [Theory]
    [InlineData(0x04, new[] { 2 })]
    [InlineData(0x0A, new[] { 1, 3 })]
    [InlineData(0x10, new int[0])]
    public void Init_LogicalDestination_ReachesTheCpusOfItsBits(uint destination, int[] expected)
    {
        using FakeMachine machine = Boot(isX2Apic: false);
        StartAll(machine);
        foreach (FakeCpu cpu in machine.Cpus)
            cpu.WriteApic(ApicRegister.LogicalDestination, 1u << (24 + cpu.Index));
        machine.Cpus[0].SendInterrupt(Init | Logical, destination);
        machine.Settle();
        Assert.Equal(expected, Waiting(machine));
    }

    /// <summary>SDM vol. 3, 11.12.10.2: the logical ID in x2APIC mode follows from the ID: cluster 0, bit n.</summary>
    [Fact]
    public void Init_LogicalDestinationInX2ApicMode_FollowsFromTheId()
    {
        using FakeMachine machine = Boot(isX2Apic: true);
        StartAll(machine);
        machine.Cpus[0].SendInterrupt(Init | Logical, 0x0000_0044);
        machine.Settle();
        Assert.Equal([1, 3], Waiting(machine));
    }

    /// <summary>Fixed, lowest priority and non-maskable interrupts are the hardware's, in every mode and to every destination.</summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public void Ordinary_AnyInterrupt_IsSentAsItIs(bool isX2Apic)
    {
        using FakeMachine machine = Boot(isX2Apic);
        StartAll(machine);
        Gen.Select(Gen.UInt[0, 0xF], Gen.UInt[0x10, 0xFF], Gen.OneOf(0u, 1u, 4u), Gen.UInt[0, 3])
            .Sample((destination, vector, mode, shorthand) =>
        {
            FakeCpu sender = machine.Cpus[0];
            uint command = vector | (mode << 8) | 0x4000 | (shorthand << 18);
            sender.SendInterrupt(command, destination);
            machine.Settle();
            return sender.Apic.Sent[^1] == (((ulong)destination << 32) | command);
        }, iter: 30, threads: 1);
        Assert.Empty(Waiting(machine));
    }

    /// <summary>INIT resets the local APIC too, apart from its ID: APM vol. 2, 14.1.3.</summary>
    [Fact]
    public void Init_ToCpu_ResetsItsLocalApic()
    {
        using FakeMachine machine = Boot(isX2Apic: false);
        StartAll(machine);
        FakeLocalApic apic = machine.Cpus[1].Apic;
        apic.Pending.Add(0x51);
        apic[ApicRegister.LvtTimer] = 0x2_00EC;
        apic[ApicRegister.TimerInitialCount] = 5000;
        machine.Cpus[0].SendInterrupt(Init, 2);
        machine.Settle();
        Assert.True(apic.IsQuiet(allowsVirtualWire: false));
    }

    /// <summary>
    /// In x2APIC mode nothing is behind the page; a guest that writes there must not make the hypervisor write a register that does not
    /// exist.
    /// </summary>
    [Theory]
    [InlineData(ApicRegister.InterruptCommandLow)]
    [InlineData(ApicRegister.DestinationFormat)]
    [InlineData(ApicRegister.EndOfInterrupt)]
    [InlineData(0x000)]
    [InlineData(0xFF0)]
    public void PageWrite_InX2ApicMode_IsDropped(uint register)
    {
        using FakeMachine machine = Boot(isX2Apic: true);
        FakeCpu cpu = machine.Cpus[0];
        int writes = cpu.Apic.Writes.Count;
        ulong rip = cpu.Vmcb.Rip;
        cpu.WriteApic(register, Init | AllButSelf);
        Assert.Equal(writes, cpu.Apic.Writes.Count);
        Assert.Equal(rip + 7, cpu.Vmcb.Rip);
        Assert.Empty(cpu.Injected);
    }

    [Fact]
    public void PageWrite_OtherRegister_ReachesTheApic()
    {
        using FakeMachine machine = Boot(isX2Apic: false);
        machine.Cpus[0].WriteApic(ApicRegister.TaskPriority, 0x40);
        Assert.Equal(0x40u, machine.Cpus[0].Apic[ApicRegister.TaskPriority]);
    }

    /// <summary>
    /// Whatever comes before a CPU gets around to it, it ends where hardware would leave it that takes the interrupts one by one:
    /// an INIT makes it wait, and a start-up interrupt counts only while it waits.
    /// </summary>
    [Fact]
    public void InitAndStartup_AnySequence_LeavesTheCpuAsHardwareWould() => Gen.Int[0, 3].Array[1, 12].Sample(commands =>
    {
        using FakeMachine machine = Boot(isX2Apic: true);
        bool isWaiting = true;
        foreach (int command in commands)
        {
            // 0: INIT; 1: start-up; 2: the target gets its turn; 3: both senders' usual pair.
            if (command is 0 or 3)
                machine.Cpus[0].SendInterrupt(Init, 2);
            if (command is 1 or 3)
                machine.Cpus[0].SendInterrupt(Startup | 0x9A, 2);
            if (command == 2)
                machine.Settle();
            isWaiting = command == 0 || (command == 2 && isWaiting);
        }
        machine.Settle();
        return isWaiting == Waiting(machine).Contains(1);
    }, iter: 100);

    private static FakeMachine Boot(bool isX2Apic)
    {
        FakeMachine machine = new(new MachineOptions { Cpus = 4 });
        machine.Launch().BootGuests();
        foreach (FakeCpu cpu in machine.Cpus)
            cpu.Msrs.ApicBase |= isX2Apic ? ApicBase.X2ApicEnable : 0;
        return machine;
    }

    /// <summary>The guest has started all its CPUs, and their start-up code has come to 64-bit mode.</summary>
    private static void StartAll(FakeMachine machine)
    {
        machine.Cpus[0].SendInterrupt(Startup | AllButSelf | 0x9A, 0);
        machine.Settle();
        foreach (FakeCpu cpu in machine.Cpus)
            cpu.ContinueInLongMode();
    }

    private static IEnumerable<int> Waiting(FakeMachine machine)
        => machine.Cpus.Where(cpu => cpu.Virtual.Activity == CpuActivity.WaitingForStartup).Select(cpu => cpu.Index);
}

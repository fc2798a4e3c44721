using System.Linq;
using CsCheck;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Exits;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Devices;

/// <summary>A guest's local APIC timer comes back from a runtime service as it was, and no interrupt of the guest is lost.</summary>
public class BorrowedTimerTests
{
    private const uint OneShot = 0xEC;
    private const uint Periodic = 0x2_00EC;
    private const uint Deadline = 0x4_00EC;
    private const uint Masked = 0x1_0000;

    private static readonly uint[] s_kept =
    [
        ApicRegister.LvtTimer, ApicRegister.TimerDivide, ApicRegister.TaskPriority, ApicRegister.LvtLint0, ApicRegister.SpuriousVector,
    ];

    /// <summary>Timer modes: SDM vol. 3, figure 11-8 "Local Vector Table".</summary>
    [Theory]
    [InlineData(OneShot, 5000u, 1234u, 1234u)]
    [InlineData(OneShot, 5000u, 0u, 1u)] // at its end: whether its interrupt was sent cannot be told
    [InlineData(OneShot | Masked, 5000u, 0u, 0u)]
    [InlineData(OneShot, 0u, 0u, 0u)]
    [InlineData(OneShot | Masked, 5000u, 1234u, 1234u)]
    [InlineData(Periodic, 5000u, 1234u, 5000u)]
    [InlineData(Periodic | Masked, 0u, 0u, 0u)]
    public void Timer_OfTheGuest_GoesOnWhereItWas(uint lvt, uint initial, uint current, uint expected)
    {
        foreach (bool isX2Apic in new[] { false, true })
        {
            using FakeMachine machine = Running(isX2Apic, out FakeCpu cpu);
            cpu.Apic[ApicRegister.LvtTimer] = lvt;
            cpu.Apic[ApicRegister.TimerDivide] = 0xB;
            cpu.Apic[ApicRegister.TimerInitialCount] = initial;
            cpu.Apic[ApicRegister.TimerCurrentCount] = current;
            uint[] before = Kept(cpu);
            cpu.CallFirmware();
            cpu.LetTimerExpire();
            Assert.True(cpu.Virtual.IsInFirmware);
            cpu.Answer(FirmwareAnswer.Done);
            Assert.Equal(before, Kept(cpu));
            Assert.Equal(expected, cpu.Apic[ApicRegister.TimerInitialCount]);
            Assert.Empty(cpu.Apic.Pending);
        }
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(0x1234_5678_9ABCUL)]
    public void Deadline_OfTheGuest_IsSetAgain(ulong deadline)
    {
        using FakeMachine machine = Running(true, out FakeCpu cpu);
        cpu.Apic[ApicRegister.LvtTimer] = Deadline;
        cpu.Msrs[Msr.TscDeadline] = deadline;
        cpu.CallFirmware();
        Assert.Equal((true, 0UL), (cpu.Apic.IsTimerArmed, cpu.Msrs[Msr.TscDeadline]));
        cpu.Answer(FirmwareAnswer.Done);
        Assert.Equal((Deadline, 0u, deadline),
            (cpu.Apic[ApicRegister.LvtTimer], cpu.Apic[ApicRegister.TimerInitialCount], cpu.Msrs[Msr.TscDeadline]));
    }

    /// <summary>Whatever waits or comes meanwhile is there for the guest afterwards; the timer's own last interrupt is not.</summary>
    [Fact]
    public void Interrupts_OfTheGuest_AreAllThereAfterwards() =>
        Gen.Select(Gen.Byte[16, 254].HashSet[0, 8], Gen.Byte[16, 254].HashSet[0, 8], Gen.Bool, Gen.Bool)
            .Sample((before, during, isX2Apic, isTimerPending) =>
        {
            using FakeMachine machine = Running(isX2Apic, out FakeCpu cpu);
            cpu.Apic.Pending.UnionWith(before);
            cpu.CallFirmware();
            cpu.Apic.Pending.UnionWith(during);
            machine.Settle();
            if (isTimerPending)
                cpu.Apic.Pending.Add((byte)cpu.Apic[ApicRegister.LvtTimer]);
            Assert.True(cpu.Virtual.IsInFirmware);
            cpu.Answer(FirmwareAnswer.Done);
            Assert.Equal(before.Union(during).Order(), cpu.Apic.Pending.Order());
            Assert.Empty(cpu.Apic.InService);
        }, iter: 200);

    /// <summary>A guest that works with the 8259 alone.</summary>
    [Theory]
    [InlineData(0UL, 0xFFu)]
    [InlineData(ApicBase.Enable, 0xFFu)]
    public void Apic_ThatIsOff_IsLeftAlone(ulong enable, uint spurious)
    {
        using FakeMachine machine = Running(false, out FakeCpu cpu);
        cpu.Msrs.ApicBase = (cpu.Msrs.ApicBase & ~ApicBase.Enable) | enable;
        cpu.Apic[ApicRegister.SpuriousVector] = spurious;
        cpu.Apic.Writes.Clear();
        cpu.CallFirmware();
        cpu.Answer(FirmwareAnswer.Done);
        Assert.Empty(cpu.Apic.Writes);
    }

    private static FakeMachine Running(bool isX2Apic, out FakeCpu cpu)
    {
        FakeMachine machine = ServiceInterruptsTests.Running(null);
        cpu = machine.Cpus[0];
        if (isX2Apic)
            cpu.Msrs.ApicBase |= ApicBase.X2ApicEnable;
        cpu.Apic[ApicRegister.SpuriousVector] = 0x1FF;
        return machine;
    }

    private static uint[] Kept(FakeCpu cpu) => [.. s_kept.Select(register => cpu.Apic[register])];
}

using System.Linq;
using CsCheck;
using Switcher.Boot.Memory;
using Switcher.Hv.Devices;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Devices;

public class LocalApicTests
{
    private static readonly HostPhysicalAddress s_apic = new(FakeMachine.LocalApicBase);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReadAndWrite_EachMode_ReachTheSameRegister(bool isX2Apic)
    {
        using FakeMachine machine = WithMode(isX2Apic);
        Machine<FakePlatform>.LocalApic.Write(s_apic, ApicRegister.TaskPriority, 0x20);
        Assert.Equal(0x20u, machine.Cpus[0].Apic[ApicRegister.TaskPriority]);
        Assert.Equal(0x20u, Machine<FakePlatform>.LocalApic.Read(s_apic, ApicRegister.TaskPriority));
        Assert.Equal(isX2Apic, Machine<FakePlatform>.LocalApic.IsX2Apic);
    }

    /// <summary>APM vol. 2, 16.3.3: what INIT leaves, whatever interrupts the guest had in service, waiting and enabled.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reset_ApicInAnyState_IsQuiet(bool isX2Apic) =>
        Gen.Select(Gen.Byte[16, 255].HashSet[0, 12], Gen.Byte[16, 255].HashSet[0, 6], Gen.Byte, Gen.UInt.Array[6])
            .Sample((pending, inService, priority, lvts) =>
        {
            using FakeMachine machine = WithMode(isX2Apic);
            FakeLocalApic apic = machine.Cpus[0].Apic;
            apic.Pending.UnionWith(pending);
            apic.InService.UnionWith(inService);
            apic[ApicRegister.TaskPriority] = priority;
            apic[ApicRegister.TimerInitialCount] = 1000;
            apic[ApicRegister.SpuriousVector] = 0x1FF;
            apic[ApicRegister.LogicalDestination] = 0x0100_0000;
            foreach ((uint register, uint value) in FakeLocalApic.LocalVectors.Zip(lvts))
                apic[register] = value;

            Machine<FakePlatform>.LocalApic.Reset(s_apic);

            Assert.True(apic.IsQuiet(allowsVirtualWire: false));
            Assert.Equal(0xFFu, apic[ApicRegister.SpuriousVector]);
            if (!isX2Apic)
                Assert.Equal((0u, 0xFFFF_FFFFu), (apic[ApicRegister.LogicalDestination], apic[ApicRegister.DestinationFormat]));
        }, iter: 100);

    /// <summary>A guest may have switched it off altogether: its page reads as all ones then.</summary>
    [Fact]
    public void Reset_DisabledApic_Ends()
    {
        using FakeMachine machine = WithMode(isX2Apic: false);
        machine.Cpus[0].Msrs.ApicBase &= ~ApicBase.Enable;
        Machine<FakePlatform>.LocalApic.Reset(s_apic);
    }

    /// <summary>MP Specification 1.4, 3.6.2.2 Virtual Wire Mode.</summary>
    [Fact]
    public void SetVirtualWire_AfterReset_PassesThe8259AndNmiOn()
    {
        using FakeMachine machine = WithMode(isX2Apic: false);
        Machine<FakePlatform>.LocalApic.Reset(s_apic);
        Machine<FakePlatform>.LocalApic.SetVirtualWire(s_apic);
        FakeLocalApic apic = machine.Cpus[0].Apic;
        Assert.Equal((0x10Fu, 0x700u, 0x400u),
            (apic[ApicRegister.SpuriousVector], apic[ApicRegister.LvtLint0], apic[ApicRegister.LvtLint1]));
        Assert.True(apic.IsQuiet(allowsVirtualWire: true));
    }

    [Fact]
    public void StartTick_Timer_IsPeriodicAndStopsAtTheNextReset()
    {
        using FakeMachine machine = WithMode(isX2Apic: false);
        FakeLocalApic apic = machine.Cpus[0].Apic;
        Machine<FakePlatform>.LocalApic.StartTick(s_apic, 0xE0);
        Assert.True(apic.IsTimerArmed);
        Assert.Equal(0x2_00E0u, apic[ApicRegister.LvtTimer]);
        Assert.Equal(0x100u, apic[ApicRegister.SpuriousVector] & 0x100);

        Machine<FakePlatform>.LocalApic.Reset(s_apic);
        Assert.False(apic.IsTimerArmed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SendNmi_ToOneCpu_ReachesThatCpuAlone(bool isX2Apic)
    {
        using FakeMachine machine = WithMode(isX2Apic, cpus: 3);
        Machine<FakePlatform>.LocalApic.SendNmi(s_apic, machine.Cpus[2].ApicId);
        Assert.Equal([false, false, true], machine.Cpus.Select(cpu => cpu.IsNmiPending));
    }

    /// <summary>The guest may have written the high half and be about to write the low one.</summary>
    [Fact]
    public void SendNmi_InXApicMode_LeavesTheGuestsDestination()
    {
        using FakeMachine machine = WithMode(isX2Apic: false);
        machine.Cpus[0].Apic[ApicRegister.InterruptCommandHigh] = 0x0700_0000;
        Machine<FakePlatform>.LocalApic.SendNmi(s_apic, machine.Cpus[1].ApicId);
        Assert.Equal(0x0700_0000u, machine.Cpus[0].Apic[ApicRegister.InterruptCommandHigh]);
    }

    private static FakeMachine WithMode(bool isX2Apic, int cpus = 2)
    {
        FakeMachine machine = new(new MachineOptions { Cpus = cpus });
        foreach (FakeCpu cpu in machine.Cpus)
            cpu.Msrs.ApicBase |= isX2Apic ? ApicBase.X2ApicEnable : 0;
        return machine;
    }
}

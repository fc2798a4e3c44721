using System.Linq;
using CsCheck;
using Switcher.Hv.Devices;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Devices;

public class ChipsetQuiesceTests
{
    /// <summary>Whatever the old guest had enabled, in service or latched: nothing of it interrupts the next one.</summary>
    [Fact]
    public void Run_ChipsetInAnyState_IsQuiet() =>
        Gen.Select(Gen.ULong.Array[24], Gen.Byte.Array[6], Gen.UInt.Array[4], Gen.Byte, Gen.Byte)
            .Sample((entries, pics, hpet, control, flags) =>
        {
            using FakeMachine machine = new();
            foreach (FakeIoApic ioApic in machine.IoApics.Values)
                entries.CopyTo(ioApic.Entries, 0);
            (machine.Legacy.MasterPic.Mask, machine.Legacy.MasterPic.InService, machine.Legacy.MasterPic.Requested) =
                (pics[0], pics[1], pics[2]);
            (machine.Legacy.SlavePic.Mask, machine.Legacy.SlavePic.InService, machine.Legacy.SlavePic.Requested) =
                (pics[3], pics[4], pics[5]);
            foreach ((uint register, uint value) in new[] { 0x10u, 0x100u, 0x120u, 0x140u }.Zip(hpet))
                machine.Hpet[register] = value;
            machine.Legacy.IsCounterRunning = true;
            machine.Legacy.ClockControl = control;
            machine.Legacy.ClockFlags = flags;

            Machine<FakePlatform>.ChipsetQuiesce.Run(machine.Hypervisor.Chipset);

            Assert.All(machine.IoApics.Values, ioApic => Assert.True(ioApic.IsQuiet));
            Assert.True(machine.Legacy.IsQuiet);
            Assert.True(machine.Hpet.IsQuiet);
            Assert.Equal(control & 0x8F, machine.Legacy.ClockControl);
            Assert.False(machine.Legacy.IsNmiMasked);
        }, iter: 100);

    [Fact]
    public void Run_WithoutHpet_TouchesNoDeviceThere()
    {
        using FakeMachine machine = new();
        machine.Hypervisor.Chipset.Hpet = default;
        machine.Hpet[0x10] = 3;
        Machine<FakePlatform>.ChipsetQuiesce.Run(machine.Hypervisor.Chipset);
        Assert.Equal(3u, machine.Hpet[0x10]);
    }

    /// <summary>The machine sleeps with these: nothing interrupts, and the alarm still comes.</summary>
    [Fact]
    public void MaskInterrupts_Alarm_StaysSet()
    {
        using FakeMachine machine = new();
        machine.Legacy.ClockControl = 0x22;
        machine.IoApics.Values.First().Entries[8] = 0x38;
        Machine<FakePlatform>.ChipsetQuiesce.MaskInterrupts(machine.Hypervisor.Chipset);
        Assert.True(Machine<FakePlatform>.ChipsetQuiesce.IsRtcAlarmEnabled());
        Assert.All(machine.IoApics.Values, ioApic => Assert.True(ioApic.IsQuiet));
        Assert.True(machine.Legacy.MasterPic.IsQuiet);
    }

    [Fact]
    public void ReadRtcFlags_Once_ClearsThem()
    {
        using FakeMachine machine = new();
        machine.Legacy.ClockControl = 0x20;
        machine.Legacy.RingAlarm();
        Assert.Equal(0xA0u, Machine<FakePlatform>.ChipsetQuiesce.ReadRtcFlags());
        Assert.Equal(0u, Machine<FakePlatform>.ChipsetQuiesce.ReadRtcFlags());
        Assert.False(machine.Legacy.IsNmiMasked);
    }
}

using System.Linq;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;
using Switcher.Tests.Hv.Switch;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

/// <summary>Where no timer brings an exit, another CPU of the guest watches the one that executes the firmware.</summary>
public class ServiceWatchTests
{
    private const ulong DeviceError = 0x8000_0000_0000_0007;
    private const ulong Status = 0x8000_0000_0000_000E;
    private const uint Init = 0x4500;
    private const uint Startup = 0x469A;

    [Theory]
    [InlineData(null, 3, 0, 2)]
    [InlineData(null, 3, 2, 1)]
    [InlineData(null, 2, 1, 0)]
    [InlineData(null, 1, 0, -1)]
    [InlineData(VmxModels.SkylakeX, 3, 0, -1)]
    public void Service_IsWatchedByOneOtherCpu_UntilItsEnd(string? vmxModel, int cpus, int caller, int watcher)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel, cpus);
        for (int i = 0; i < 3; i++)
        {
            machine.Cpus[caller].CallFirmware();
            machine.Settle();
            Assert.Equal(watcher, machine.Cpus.SingleOrDefault(cpu => cpu.IsWatching)?.Index ?? -1);
            machine.Cpus[caller].Answer(FirmwareAnswer.Done, Status);
            machine.Settle();
            Assert.All(machine.Cpus, cpu => Assert.Equal((CpuWait.InGuest, 0), (cpu.Wait, cpu.Virtual.Requests)));
        }
        Assert.Equal(Status, machine.Cpus[caller].Rax);
        Assert.All(machine.Cpus, cpu => Assert.Empty(cpu.Injected));
    }

    /// <summary>A loop from which nothing exits, while no other CPU has an exit either.</summary>
    [Fact]
    public void Loop_OfTheFirmware_EndsAfterAMinute()
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(null, cpus: 2);
        machine.Cpus[0].CallFirmware();
        machine.Settle();
        machine.Advance(59 * FakeMachine.TimestampFrequency);
        machine.Settle();
        Assert.True(machine.Cpus[0].Virtual.IsInFirmware);

        machine.Advance(2 * FakeMachine.TimestampFrequency);
        machine.Settle();
        Assert.Equal((false, DeviceError, true),
            (machine.Cpus[0].Virtual.IsInFirmware, machine.Cpus[0].Rax, machine.Hypervisor.HasLostServices));
        Assert.All(machine.Cpus, cpu => Assert.Equal(CpuWait.InGuest, cpu.Wait));
        Assert.Contains("ERROR the firmware does not come back from a runtime service", machine.Log);
    }

    /// <summary>INIT and a start-up are carried out, and the watch goes on.</summary>
    [Fact]
    public void Watcher_ThatIsStartedAgain_WatchesOn()
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(null);
        FakeCpu watcher = machine.Cpus[2];
        machine.Cpus[0].CallFirmware();
        machine.Settle();
        machine.Cpus[1].SendInterrupt(Init, watcher.ApicId);
        machine.Settle();
        Assert.Equal((true, CpuActivity.WaitingForStartup), (watcher.IsWatching, watcher.Virtual.Activity));
        machine.Cpus[1].SendInterrupt(Startup, watcher.ApicId);
        machine.Settle();
        Assert.Equal((true, CpuActivity.Running), (watcher.IsWatching, watcher.Virtual.Activity));

        machine.Advance(61 * FakeMachine.TimestampFrequency);
        machine.Settle();
        Assert.Equal((true, CpuWait.InGuest), (machine.Hypervisor.HasLostServices, watcher.Wait));
        Assert.Equal(0x9A000UL, watcher.State.Cs.Base + watcher.State.Rip);
    }

    /// <summary>Who switches gets both: the one in the service when that is over, the one that watches at once.</summary>
    [Fact]
    public void Switch_DuringAService_StopsTheWatcherToo()
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(null);
        machine.Cpus[0].CallFirmware();
        machine.Settle();
        machine.SetVector(GuestRunner.VectorOf(0));
        machine.Cpus[1].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
        machine.Cpus[2].Resume();
        Assert.Equal((0, CpuActivity.Stopped), (machine.ActiveGuest, machine.Cpus[2].Virtual.Activity));
        machine.Cpus[0].Answer(FirmwareAnswer.Done);
        machine.Settle();
        Assert.Equal((1, false), (machine.ActiveGuest, machine.Hypervisor.HasLostServices));
        Assert.All(machine.Cpus, cpu => Assert.Equal((CpuWait.InGuest, 0), (cpu.Wait, cpu.Virtual.Requests)));
    }
}

using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 7: the firmware's drivers come back to every kind of disk controller that a system has used, whether it ended in an orderly way,
/// crashed in the middle of reading, or sleeps.
/// </summary>
public sealed class ControllerTests
{
    [Theory]
    [InlineData(DiskTransport.Ahci)]
    [InlineData(DiskTransport.Nvme)]
    [InlineData(DiskTransport.VirtioBlk)]
    [InlineData(DiskTransport.Usb)]
    public Task Promise7_SystemDiskThatTheGuestReadsFrom_LoadsItAgain(DiskTransport transport) => Scenario.RunAsync(
        new MachinePlan([GuestSpec.DebianFull, GuestSpec.DebianFull])
        {
            SystemTransport = transport,
            SetupLines = [Options(1), Options(2)],
            Expected = MachineExpectations.GuestCrash,
        },
        async (machine, cancel) =>
        {
            await machine.Agent("debian").ReadyAsync(cancel);
            await machine.SwitchAsync("debian", "debian-2", cancel);
            foreach (string end in (string[])["reboot acpi", "crash"])
                await machine.RestartAsync("debian-2", end, "reset", cancel);
            await machine.SwitchAsync("debian-2", "debian", cancel);
            await machine.RestartAsync("debian", "reboot triple", "triple-fault", cancel);
            await machine.SwitchAsync("debian", "debian-2", cancel);
        });

    private static string Options(int guest) => $"guest 000{guest} options={DebianGuest.DefaultOptions} panic=-1 busy-disks";
}

using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Images;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>
/// The small guest without Switcher, through the platform's own S3: what it demands after a wake is what a machine gives, and a good
/// verdict under the hypervisor means something. No promise of Switcher's is tested here.
/// </summary>
public sealed class NativeTests
{
    private const int MemoryMiB = 256;

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task SmallGuest_WithoutSwitcher_SleepsAndWakesInTheMachinesOwnS3(int cpus) => Scenario.RunAsync(async (rig, logs, cancel) =>
    {
        string script = SmallGuest.Options("a", "virtualization,disk,suspend,disk,restart,suspend:bytes,nmi,ipi,suspend:alarm,init-storm");
        string system = await WriteDiskAsync(rig, logs, script + " state=any", cancel);
        Qemu qemu = await Qemu.StartAsync(rig.Cache, new MachineOptions(cpus, MemoryMiB, system), Path.Combine(logs, "emulator.log"),
            cancel);
        await using var machine = new Machine(qemu, logs);
        EventLog<string>.Cursor events = qemu.Events.FromStart();
        for (int i = 0; i < 3; i++)
        {
            await events.NextAsync("the machine to sleep", name => name == "SUSPEND", cancel);
            if (i < 2)
                await qemu.WakeAsync(cancel);
        }

        Assert.Equal(EmulatorEnd.PowerOff, await machine.EndAsync(cancel));
        var small = new SmallMachine(machine);
        small.AssertVerdicts(["a"]);
    });

    private static async Task<string> WriteDiskAsync(Rig rig, string folder, string options, CancellationToken cancel)
    {
        string file = Path.Combine(folder, "testguest.txt");
        await File.WriteAllTextAsync(file, options, cancel);
        var disk = new SystemDisk();
        disk.Add(@"\EFI\BOOT\BOOTX64.EFI", SmallGuest.Program);
        disk.Add(@"\testguest.txt", file);
        string image = Path.Combine(folder, "system.img");
        await disk.WriteAsync(rig.Cache, image, cancel);
        return image;
    }
}

using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;
using Switcher.Runner;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;
using Switcher.Runner.Images;
using Switcher.Runner.Prepare;
using Xunit;

namespace Switcher.Tests.Runner;

/// <summary>The runner's whole chain without Switcher: packages, kernel, initial root file system, disks, emulator, agent, and a real S3.</summary>
public class NativeMachineTests
{
    [Theory]
    [InlineData(DebianFlavour.Cloud, DiskTransport.Nvme)]
    [InlineData(DebianFlavour.Full, DiskTransport.Ahci)]
    [InlineData(DebianFlavour.Full, DiskTransport.VirtioBlk)]
    public async Task Guest_SuspendsAndIsWokenNatively_KeepsMemoryAndFiles(DebianFlavour flavour, DiskTransport transport)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        CancellationToken cancel = limit.Token;
        var cache = Cache.ForUser();
        await new Preparation(cache, AnsiConsole.Console).EnsureAsync([PackageSet.Qemu, PackageSet.Guests], Pins.Read(), cancel);
        string folder = Directory.CreateTempSubdirectory("switcher-test-").FullName;
        Guest guest = await new DebianGuest("native", flavour, transport).BuildAsync(cache, Artifacts.BuiltWithRunner().Agent, folder, cancel);
        Kernel kernel = Kernel.Find(cache, flavour);
        var disk = new SystemDisk();
        if (flavour == DebianFlavour.Cloud)
            disk.Add(@"\EFI\BOOT\BOOTX64.EFI", guest.Files[guest.Loader]);
        else
        {
            byte[] image = UnifiedKernelImage.Build(
                File.ReadAllBytes(cache.InRoot("usr", "lib", "systemd", "boot", "efi", "linuxx64.efi.stub")), File.ReadAllBytes(kernel.Image),
                File.ReadAllBytes(Path.Combine(folder, "native.initrd")), guest.Options);
            await File.WriteAllBytesAsync(Path.Combine(folder, "uki.efi"), image, cancel);
            disk.Add(@"\EFI\BOOT\BOOTX64.EFI", Path.Combine(folder, "uki.efi"));
        }

        string systemDisk = Path.Combine(folder, "system.img");
        await disk.WriteAsync(cache, systemDisk, cancel);
        Qemu qemu = await Qemu.StartAsync(
            cache, new MachineOptions(2, 1024, systemDisk) { Disks = [guest.Disk!] }, Path.Combine(folder, "emulator.log"), cancel);
        await using (var machine = new Machine(qemu, folder))
        {
            AgentSession agent = machine.Agent("native");
            await agent.ReadyAsync(cancel);
            AgentLine info = await agent.AskAsync("info", cancel);
            Assert.Equal(2, info.Number("cpus"));
            Assert.Equal(1, info.Number("deep"));
            AgentLine filled = await agent.AskAsync("fill", cancel);
            Assert.InRange(filled.Number("bytes") ?? 0, 512 << 20, 1024 << 20);
            await agent.AskAsync("stamp 7", cancel);
            await agent.AskAsync("write-files 7", cancel);

            EventLog<string>.Cursor emulatorEvents = qemu.Events.FromNow();
            EventLog<AgentLine>.Cursor said = agent.Events.FromNow();
            await agent.SendAsync("suspend", cancel);
            await agent.NextAsync(said, "suspending", cancel);
            await emulatorEvents.NextAsync("the machine to sleep", name => name == "SUSPEND", cancel);
            await qemu.WakeAsync(cancel);
            await agent.NextAsync(said, "awake", cancel);

            Assert.Equal(0, (await agent.AskAsync("check", cancel)).Number("wrong"));
            Assert.Equal(0, (await agent.AskAsync("check-files 7", cancel)).Number("wrong"));
            Assert.Equal(2, (await agent.AskAsync("info", cancel)).Number("cpus"));
            await agent.SendAsync("poweroff", cancel);
            Assert.Equal(EmulatorEnd.PowerOff, await machine.EndAsync(cancel));
        }

        Directory.Delete(folder, recursive: true);
    }
}

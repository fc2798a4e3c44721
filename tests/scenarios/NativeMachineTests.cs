using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;
using Switcher.Runner.Images;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// The rig's whole chain without Switcher: packages, kernel, initial root file system, disks, emulator, agent, and a real S3. No promise of
/// Switcher's is tested here, but that what the other scenarios ask of a guest is what a machine gives.
/// </summary>
public sealed class NativeMachineTests
{
    [Theory]
    [InlineData(DebianFlavour.Cloud, DiskTransport.Nvme)]
    [InlineData(DebianFlavour.Full, DiskTransport.Ahci)]
    [InlineData(DebianFlavour.Full, DiskTransport.VirtioBlk)]
    public Task Guest_SuspendsAndIsWokenNatively_KeepsMemoryAndFiles(DebianFlavour flavour, DiskTransport transport) => Scenario.RunAsync(
        async (rig, folder, cancel) =>
        {
            Guest guest = await new DebianGuest("native", flavour, transport).BuildAsync(rig.Cache, rig.Artifacts.Agent, folder, cancel);
            string systemDisk = await WriteDiskAsync(rig, guest, flavour, folder, cancel);
            Qemu qemu = await Qemu.StartAsync(
                rig.Cache, new MachineOptions(2, 1024, systemDisk) { Disks = [guest.Disk!] }, Path.Combine(folder, "emulator.log"), cancel);
            await using var machine = new Machine(qemu, folder);
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
        });

    /// <summary>Firmware starts the guest itself; the full kernel becomes a unified image for that, as the cloud kernel is one.</summary>
    private static async Task<string> WriteDiskAsync(Rig rig, Guest guest, DebianFlavour flavour, string folder, CancellationToken cancel)
    {
        string program = guest.Files[guest.Loader];
        if (flavour == DebianFlavour.Full)
        {
            byte[] image = UnifiedKernelImage.Build(
                File.ReadAllBytes(rig.Cache.InRoot("usr", "lib", "systemd", "boot", "efi", "linuxx64.efi.stub")),
                File.ReadAllBytes(program),
                File.ReadAllBytes(Path.Combine(folder, "native.initrd")), guest.Options);
            program = Path.Combine(folder, "uki.efi");
            await File.WriteAllBytesAsync(program, image, cancel);
        }

        var disk = new SystemDisk();
        disk.Add(@"\EFI\BOOT\BOOTX64.EFI", program);
        string systemDisk = Path.Combine(folder, "system.img");
        await disk.WriteAsync(rig.Cache, systemDisk, cancel);
        return systemDisk;
    }
}

using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Switcher.Runner.Prepare;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 1: systems boot through the loaders that they have. A loader that loads further images is confined like the first one.
/// </summary>
public sealed class LoaderTests
{
    private const string Grub = @"\EFI\debian\grubx64.efi";
    private const string SystemdBoot = @"\EFI\systemd\systemd-bootx64.efi";

    [Fact]
    [Trait("Lane", "fast")]
    public Task Promise1_SystemdBootFirstAndGrubParked_BothSwitch() => RunAsync(cloudFirst: true);

    [Fact]
    public Task Promise1_GrubFirstAndSystemdBootParked_BothSwitch() => RunAsync(cloudFirst: false);

    private static async Task RunAsync(bool cloudFirst)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("switcher-loaders-");
        GuestSpec[] guests = cloudFirst ? [GuestSpec.DebianCloud, GuestSpec.DebianFull] : [GuestSpec.DebianFull, GuestSpec.DebianCloud];
        var plan = new MachinePlan(guests)
        {
            Adjust = built => [Through(built[0], folder.FullName), Through(built[1], folder.FullName)],
        };
        await Scenario.RunAsync(plan, (machine, cancel) => new SwitchRounds(machine, machine.Guests, 2, new Quiet()).RunAsync(1, cancel));
        folder.Delete(recursive: true);
    }

    /// <summary>The same guest through its loader: Debian's GRUB for the full kernel, systemd-boot for the unified image.</summary>
    private static Guest Through(Guest guest, string folder) => guest.Name == GuestSpec.DebianFull.Name
        ? guest with
        {
            Loader = Grub,
            Options = "",
            Settings = [],
            Files = With(
                guest.Files, Grub, Cache.ForUser().InRoot("usr", "lib", "grub", "x86_64-efi-signed", "grubx64.efi.signed"),
                @"\EFI\debian\grub.cfg",
                Text(folder, "grub.cfg", $"""
                    linux /EFI/debian/linux.efi {DebianGuest.DefaultOptions}
                    initrd /EFI/debian/initrd.img
                    boot

                    """)),
        }
        : guest with
        {
            Loader = SystemdBoot,
            Files = With(
                guest.Files, SystemdBoot, Cache.ForUser().InRoot("usr", "lib", "systemd", "boot", "efi", "systemd-bootx64.efi"),
                @"\loader\entries\cloud.conf", Text(folder, "cloud.conf", $"title cloud\nefi {guest.Loader.Replace('\\', '/')}\n")),
        };

    private static Dictionary<string, string> With(
        IReadOnlyDictionary<string, string> files, string loader, string loaderFile, string configuration, string configurationFile) =>
        new(files) { [loader] = loaderFile, [configuration] = configurationFile };

    private static string Text(string folder, string name, string content)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}

using System.CommandLine;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;

namespace Switcher.Runner.Verbs;

/// <summary><c>image --out DISK.img</c>: a disk with Switcher for a USB stick.</summary>
internal static class ImageVerb
{
    public static Command Create()
    {
        var output = new Option<FileInfo>("--out") { Description = "The image to write", HelpName = "DISK.img", Required = true };
        var command = new Command("image", "Writes a disk image with Switcher that can be copied to a USB stick.") { output };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(output)!.FullName, cancel));
        return command;
    }

    private static async Task<int> RunAsync(string image, CancellationToken cancel)
    {
        Rig rig = await Rig.PrepareAsync(AnsiConsole.Console, null, LogFolder.Create(null), cancel);
        await SwitcherDisk.WriteRemovableAsync(rig.Cache, rig.Artifacts, image, cancel);
        AnsiConsole.Console.MarkupLineInterpolated(
            $"{image} is ready. To write it to a stick that loses all it holds: cp {image} /dev/DISK && sync.");
        AnsiConsole.Console.MarkupLine("It is not signed: Secure Boot must be off.");
        return 0;
    }
}

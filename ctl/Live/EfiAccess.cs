using System.Linq;

namespace Switcher.Ctl.Live;

/// <summary>Whether the firmware's variables can be reached, and what to do if not.</summary>
public static class EfiAccess
{
    private const string Folder = EfiVariables.Folder;

    /// <exception cref="CtlFailure">Nothing of the firmware's can be read.</exception>
    public static void RequireReadable(LinuxFiles files)
    {
        if (!files.Exists("sys/firmware/efi"))
            throw new CtlFailure(ExitStatus.NoEfi,
                "Linux was not started by UEFI, without which there is no Switcher; turn off legacy boot (CSM) in the firmware's setup.");
        if (!files.Exists(Folder))
            throw new CtlFailure(ExitStatus.NoVariables,
                "The kernel shows no variables of the firmware; start one that has efivarfs, and without the option efi=noruntime.");
        if (MountedLast(files) == null && files.List(Folder).Length == 0)
            throw new CtlFailure(ExitStatus.NoVariables,
                $"The firmware's variables are not mounted; run 'mount -t efivarfs efivarfs /{Folder}' as root.");
    }

    /// <exception cref="CtlFailure">A variable cannot be written.</exception>
    public static void RequireWritable(Host host)
    {
        RequireReadable(host.Files);
        if (IsReadOnly(host.Files))
            throw new CtlFailure(ExitStatus.NoVariables,
                $"The firmware's variables are mounted read-only; run 'mount -o remount,rw /{Folder}' as root.");
        if (!host.IsRoot)
            throw new CtlFailure(ExitStatus.NotRoot, "Only root may write the firmware's variables; try it with sudo.");
    }

    /// <summary>Whether a write could succeed.</summary>
    public static bool IsWritable(Host host) => host.IsRoot && host.Files.Exists(Folder) && !IsReadOnly(host.Files);

    private static bool IsReadOnly(LinuxFiles files) => MountedLast(files) is { IsReadOnly: true };

    /// <summary>The latest mount there; null if there is none.</summary>
    private static Mount? MountedLast(LinuxFiles files) =>
        Mount.All(files).LastOrDefault(mount => mount is { Place: "/" + Folder, Type: "efivarfs" });
}

using System;
using System.IO;

namespace Switcher.Ctl.Live;

/// <summary>Suspends this Linux to RAM (S3), which under Switcher is a switch.</summary>
public static class DeepSleep
{
    private const string States = "sys/power/state";
    private const string Kinds = "sys/power/mem_sleep";

    /// <summary>Makes sure that to suspend is S3: Linux source, "Documentation/admin-guide/pm/sleep-states.rst".</summary>
    /// <param name="host">Which Linux.</param>
    /// <param name="notes">Told of what had to be changed.</param>
    /// <exception cref="CtlFailure">It cannot be.</exception>
    public static void Choose(Host host, TextWriter notes)
    {
        string[] states = Words(host, States);
        string[] kinds = Words(host, Kinds);
        if (Array.IndexOf(states, "mem") < 0)
            throw new CtlFailure(ExitStatus.NoDeepSleep,
                $"This Linux cannot suspend to RAM (no \"mem\" in /{States}); 'switcherctl check' says what its tables offer.");

        // A kernel that knows one kind only has no such file.
        if (kinds.Length == 0 || Array.IndexOf(kinds, "[deep]") >= 0)
            return;
        if (Array.IndexOf(kinds, "deep") < 0)
            throw new CtlFailure(ExitStatus.NoDeepSleep,
                $"This Linux finds no S3 (no \"deep\" in /{Kinds}); 'switcherctl check' says what its tables offer.");
        if (!host.IsRoot)
            throw new CtlFailure(ExitStatus.NotRoot, $"\"deep\" has to be selected in /{Kinds}, which only root may do; try it with sudo.");
        try
        {
            host.Files.WriteWord(Kinds, "deep");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CtlFailure(ExitStatus.NoDeepSleep, $"\"deep\" could not be selected in /{Kinds}: {failure.Message}");
        }
        notes.WriteLine($"Selected \"deep\", which is S3, in /{Kinds}; it was not.");
    }

    /// <summary>Suspends: where systemd has the system, in its way; otherwise returns when the system is awake again.</summary>
    /// <exception cref="CtlFailure">The system did not suspend.</exception>
    public static void Suspend(Host host)
    {
        // systemd's sd_booted(3).
        if (host.Files.Exists("run/systemd/system"))
        {
            if (host.Programs.Run("systemctl", "suspend") is { } complaint)
                throw new CtlFailure(ExitStatus.NotSuspended, $"'systemctl suspend' failed, so try it by hand: {complaint}");
            return;
        }
        if (!host.IsRoot)
            throw new CtlFailure(ExitStatus.NotRoot, "Without systemd only root may suspend the system; try it with sudo.");
        try
        {
            host.Files.WriteWord(States, "mem");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CtlFailure(ExitStatus.NotSuspended, $"The kernel did not suspend, and 'dmesg' says why: {failure.Message}");
        }
    }

    private static string[] Words(Host host, string path) =>
        (host.Files.ReadText(path) ?? "").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
